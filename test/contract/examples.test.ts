import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { toPlaygroundTabs } from '../../src/server/pages/playground.ts';
import { type Answer, createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';

const folder = new URL('../../examples/operations/', import.meta.url);
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.graphql'))
  .sort();
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');

describe('the example', () => {
  test.each(files)('%s answers with data, and says first what it is for', async (file) => {
    expect(read(file)).toMatch(/^(# .{1,56}\n){1,2}(query|subscription) \w+/);
    const { query, execute, keys } = await openSandbox();
    for (const { key } of keys) {
      const newest = await query('{ jobs(first: 1) { nodes { qrn } } }', { key });
      const { data, errors } = await execute(read(file), { key, variables: newest.data.jobs.nodes[0] });
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
    const tabs = toPlaygroundTabs({ keys: [], variables: {} });
    expect(tabs.map(({ query }) => query)).toEqual(files.map(read));
  });

  test.each([
    [{ qrn: 'qbraid:job:1' }, '{\n  "qrn": "qbraid:job:1"\n}'],
    [{}, '{\n  "qrn": ""\n}'],
  ])('with %j fills in the variables of an example: %j', (variables, expected) => {
    const tabs = toPlaygroundTabs({ keys: [], variables });
    expect(tabs.map((tab) => tab.variables)).toEqual(
      files.map((file) => (read(file).includes('$qrn:') ? expected : null)),
    );
  });

  test.each([
    [[], { 'X-API-KEY': '' }, { 'X-API-KEYS': 'alice=<key>, bob=<key>' }],
    [
      [
        { label: 'carol', key: 'one' },
        { label: 'dave', key: 'two' },
      ],
      { 'X-API-KEY': 'one' },
      { 'X-API-KEYS': 'carol=one, dave=two' },
    ],
  ])('with the keys %j sends %j, and %j with the example of a team', (keys, one, all) => {
    const tabs = toPlaygroundTabs({ keys, variables: {} });
    expect(tabs.map(({ headers }) => JSON.parse(headers))).toEqual(
      files.map((file) => (file === '6-team.graphql' ? all : one)),
    );
  });
});

/** The gateway over a sandbox whose time stands still. Both end with the test. */
async function openSandbox() {
  const sandbox = await startSandbox({ clock: () => Date.UTC(2026, 0, 15) });
  onTestFinished(() => sandbox.close());
  const gateway = await createTestGateway(() => 'hang', { QBRAID_API_URL: sandbox.url });
  const { query } = gateway;
  return {
    query,
    keys: sandbox.keys,
    /** Answers an operation of any kind: a subscription with its first event. */
    async execute(text: string, options: QueryOptions): Promise<Answer> {
      if (!text.includes('\nsubscription ')) return query(text, options);
      const stream = await openStream(gateway, text, options);
      const first = await stream.next();
      stream.cut();
      return first ?? {};
    },
  };
}

/** Whether a field of an operation is null, or has an empty list below it. */
function isEmpty(field: unknown): boolean {
  return field === null || /\[\]/.test(JSON.stringify(field));
}
