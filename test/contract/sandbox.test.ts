import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createSandbox, type SandboxResponse } from '../../src/sandbox/sandbox.ts';

const document = parse(readFileSync(new URL('../../openapi/qbraid.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'qbraid');

type Route = '/jobs' | '/jobs/{job_qrn}';
type Shape = 'documented' | 'recorded';

/** What openapi/qbraid.yaml has against an answer of this route. */
function faultsOf(route: Route, { status, body }: Pick<SandboxResponse, 'status' | 'body'>): unknown[] {
  const inline = `#/paths/${encodeURIComponent(route.replaceAll('/', '~1'))}/get/responses/${status}`;
  const pointer = document.paths[route].get.responses[status].$ref ?? inline;
  const validate = ajv.getSchema(`qbraid${pointer}/content/application~1json/schema`);
  if (validate === undefined) throw new Error(`openapi/qbraid.yaml has no ${pointer}.`);
  return validate(JSON.parse(body)) ? [] : (validate.errors ?? []);
}

function createClient(shape: Shape) {
  const sandbox = createSandbox({
    clock: () => Date.parse('2026-01-15T12:00:00Z'),
    shape,
    rateLimit: { requests: 400, windowMs: 900_000 },
  });
  const keyOf = (label: string) => sandbox.keys.find((key) => key.label === label)?.key ?? label;
  return (path: string, label = 'alice') =>
    sandbox.handle({ method: 'GET', path, headers: { 'x-api-key': keyOf(label) } });
}

function readQrns(response: SandboxResponse): string[] {
  return JSON.parse(response.body).data.map(({ jobQrn }: { jobQrn: string }) => jobQrn);
}

describe.each<Shape>(['documented', 'recorded'])('the %s sandbox', (shape) => {
  test('answers every job as the contract says', () => {
    const get = createClient(shape);
    const qrns = [1, 2, 3].flatMap((page) => readQrns(get(`/jobs?limit=100&page=${page}`)));
    const answers = qrns.map((qrn) => get(`/jobs/${qrn}`));
    expect(answers.map(({ status }) => status)).toEqual(Array(300).fill(200));
    expect(answers.flatMap((answer) => faultsOf('/jobs/{job_qrn}', answer))).toEqual([]);
  });

  test.each([
    '',
    '?vendor=aws',
    '?vendor=all',
    '?provider=ionq',
    '?statusGroup=pending',
    '?statusGroup=returned',
    '?statusGroup=all',
    '?status=HOLD',
    '?status=FAILED&statusGroup=pending',
    '?search=bell',
    '?search=nothing-is-called-that',
    '?tags={"experiment":"ghz"}',
    '?page=2&limit=100',
    '?page=99',
  ])('answers the list %s as the contract says', (query) => {
    const answer = createClient(shape)(`/jobs${query}`);
    expect([answer.status, faultsOf('/jobs', answer)]).toEqual([200, []]);
  });

  test.each<[status: number, route: Route, path: string, label: string]>([
    [401, '/jobs', '/jobs', ''],
    [401, '/jobs', '/jobs', 'not-a-key'],
    [401, '/jobs', '/jobs', 'qbr_unknown'],
    [401, '/jobs/{job_qrn}', '/jobs/qbraid:job:abc123xyz', ''],
    [404, '/jobs/{job_qrn}', '/jobs/qbraid:job:abc123xyz', 'alice'],
    [422, '/jobs/{job_qrn}', '/jobs/not%20a%20qrn', 'alice'],
    [422, '/jobs', '/jobs?limit=0&page=x&vendor=acme&status=DONE&statusGroup=some&search=&tags=[]', 'alice'],
  ])('answers %i on %s to %s with the key "%s" as the contract says', (status, route, path, label) => {
    const answer = createClient(shape)(path, label);
    expect([answer.status, faultsOf(route, answer)]).toEqual([status, []]);
  });

  test("answers 403 to another user's job as the contract says", () => {
    const get = createClient(shape);
    const [qrn] = readQrns(get('/jobs?limit=1', 'carol'));
    const answer = get(`/jobs/${qrn}`);
    expect([answer.status, faultsOf('/jobs/{job_qrn}', answer)]).toEqual([403, []]);
  });

  test('answers 429 past the rate limit as the contract says', () => {
    const get = createClient(shape);
    for (let count = 0; count < 400; count += 1) get('/jobs?limit=1');
    const answer = get('/jobs');
    expect([answer.status, faultsOf('/jobs', answer)]).toEqual([429, []]);
  });
});

test('the documented sandbox sends the documented fields, all of them and no others', () => {
  const { data } = JSON.parse(createClient('documented')('/jobs?limit=100').body);
  const documented = [
    ...[
      'name',
      'shots',
      'deviceQrn',
      'tags',
      'runtimeOptions',
      'jobQrn',
      'batchJobQrn',
      'vendor',
      'provider',
    ],
    ...[
      'status',
      'statusMsg',
      'experimentType',
      'queuePosition',
      'timeStamps',
      'cost',
      'estimatedCost',
      'metadata',
    ],
  ];
  expect(new Set(data.map((job: object) => Object.keys(job).join()))).toEqual(new Set([documented.join()]));
});

describe('the contract refuses', () => {
  const get = createClient('documented');
  const list = JSON.parse(get('/jobs?limit=1').body);
  const [job] = list.data;

  test.each<[what: string, status: number, body: object]>([
    ['a list without pagination', 200, { ...list, pagination: undefined }],
    ['a list whose time is no time', 200, { ...list, meta: { timestamp: 'yesterday' } }],
    ['a job without a QRN', 200, { ...list, data: [{ ...job, jobQrn: undefined }] }],
    ['a job with half a shot', 200, { ...list, data: [{ ...job, shots: 0.5 }] }],
    ['a job behind fewer than no jobs', 200, { ...list, data: [{ ...job, queuePosition: -1 }] }],
    ['a job whose tag is a list', 200, { ...list, data: [{ ...job, tags: { run: [] } }] }],
    ['a job created at no time', 200, { ...list, data: [{ ...job, timeStamps: { createdAt: 'soon' } }] }],
    ['a 401 with neither error body', 401, { error: 'Authentication required' }],
    ['a 422 that lists no faults', 422, { detail: 'Validation failed' }],
  ])('%s', (_what, status, body) => {
    expect(faultsOf('/jobs', { status, body: JSON.stringify(body) })).not.toEqual([]);
  });
});
