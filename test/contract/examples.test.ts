import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { toGraphiQLOptions } from '../../src/server/playground.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';

const folder = new URL('../../examples/', import.meta.url);
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.graphql'))
  .sort();
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');

describe('the example', () => {
  test.each(files)('%s answers with data, and says first what it is for', async (file) => {
    expect(read(file)).toMatch(/^(# .{1,56}\n){1,2}query \w+/);
    const { query, keys } = await openSandbox();
    for (const { key } of keys) {
      const newest = await query('{ jobs(first: 1) { nodes { qrn } } }', { key });
      const { data, errors } = await query(read(file), { key, variables: newest.data.jobs.nodes[0] });
      expect(errors).toBeUndefined();
      expect(Object.values(data).filter(isEmpty)).toEqual([]);
    }
  });

  test('5-batches.graphql shows jobs of batches', async () => {
    const { query, keys } = await openSandbox();
    const { data } = await query(read('5-batches.graphql'), { key: keys[0]?.key ?? null });
    const batches = data.jobs.nodes.flatMap(({ batchJob }: { batchJob: unknown }) => batchJob ?? []);
    expect(batches).toContainEqual({
      qrn: expect.any(String),
      name: expect.any(String),
      status: expect.any(String),
      estimatedCost: expect.any(Number),
    });
  });

  test('6-team.graphql shows what each key of a team sees', async () => {
    const { query, keys } = await openSandbox();
    const team = keys.map(({ label, key }) => `${label}=${key}`).join();
    const { data, errors } = await query(read('6-team.graphql'), { keys: team });
    expect(errors).toBeUndefined();
    expect(data.jobs.sources).toEqual(
      keys.map(({ label }) => ({ key: label, totalCount: 300, error: null })),
    );
    const labels: string[] = data.jobs.nodes.flatMap(({ keys }: { keys: string[] }) => keys);
    expect([...new Set(labels)].sort()).toEqual(keys.map(({ label }) => label).sort());
  });
});

describe('the playground', () => {
  test('has the examples as its tabs, in the order of their names', () => {
    const options = toGraphiQLOptions({ apiKey: '', variables: {} });
    expect(options).toMatchObject({ defaultTabs: files.map((file) => ({ query: read(file) })) });
  });

  test.each([
    [{ qrn: 'qbraid:job:1' }, '{\n  "qrn": "qbraid:job:1"\n}'],
    [{}, '{\n  "qrn": ""\n}'],
  ])('with %j fills in the variables of an example: %j', (variables, expected) => {
    const options = toGraphiQLOptions({ apiKey: '', variables });
    expect(options).toMatchObject({
      defaultTabs: files.map((file) => ({ variables: read(file).includes('$qrn:') ? expected : null })),
    });
  });
});

/** The gateway over a sandbox whose time stands still. Both end with the test. */
async function openSandbox() {
  const sandbox = await startSandbox({ clock: () => Date.UTC(2026, 0, 15) });
  onTestFinished(() => sandbox.close());
  const { query } = await createTestGateway(() => 'hang', { QBRAID_API_URL: sandbox.url });
  return { query, keys: sandbox.keys };
}

/** Whether a field of an operation is null, or has an empty list below it. */
function isEmpty(field: unknown): boolean {
  return field === null || /\[\]/.test(JSON.stringify(field));
}
