import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deviceCatalog } from '../../src/sandbox/device-catalog.ts';
import { createSandbox, type SandboxResponse } from '../../src/sandbox/sandbox.ts';

const document = parse(readFileSync(new URL('../../openapi/qbraid.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'qbraid');

type Route = keyof typeof methods;
type Shape = 'documented' | 'recorded';

const methods = {
  '/jobs': 'get',
  '/jobs/{job_qrn}': 'get',
  '/jobs/statuses': 'get',
  '/jobs/{job_qrn}/result': 'get',
  '/jobs/{job_qrn}/cancel': 'post',
  '/devices/{device_qrn}': 'get',
} as const;

/** What openapi/qbraid.yaml has against an answer of this route. */
function faultsOf(route: Route, { status, body }: Pick<SandboxResponse, 'status' | 'body'>): unknown[] {
  const method = methods[route];
  const inline = `#/paths/${encodeURIComponent(route.replaceAll('/', '~1'))}/${method}/responses/${status}`;
  const pointer = document.paths[route][method].responses[status]?.$ref ?? inline;
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
  return (path: string, label = 'alice', method = 'GET') =>
    sandbox.handle({ method, path, headers: { 'x-api-key': keyOf(label) } });
}

function readQrns(response: SandboxResponse): string[] {
  return JSON.parse(response.body).data.map(({ jobQrn }: { jobQrn: string }) => jobQrn);
}

/** What these answers of a route are: their statuses without repetition, and what the contract has against them. */
function audit(route: Route, answers: readonly SandboxResponse[]) {
  const statuses = [...new Set(answers.map(({ status }) => status))].sort();
  return { statuses, faults: answers.flatMap((answer) => faultsOf(route, answer)) };
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

  test('answers the counts as the contract says, with all ten statuses', () => {
    const answer = createClient(shape)('/jobs/statuses');
    expect(audit('/jobs/statuses', [answer])).toEqual({ statuses: [200], faults: [] });
    expect(Object.keys(JSON.parse(answer.body).data)).toHaveLength(10);
  });

  test('answers for the result of every job as the contract says', () => {
    const get = createClient(shape);
    const qrns = [1, 2, 3].flatMap((page) => readQrns(get(`/jobs?limit=100&page=${page}`)));
    const answers = qrns.map((qrn) => get(`/jobs/${qrn}/result`));
    expect(audit('/jobs/{job_qrn}/result', answers)).toEqual({ statuses: [200, 403, 404, 409], faults: [] });
  });

  test('answers to the wish to cancel each job as the contract says', () => {
    const send = createClient(shape);
    const qrns = [1, 2, 3].flatMap((page) => readQrns(send(`/jobs?limit=100&page=${page}`)));
    const once = qrns.map((qrn) => send(`/jobs/${qrn}/cancel`, 'alice', 'POST'));
    expect(audit('/jobs/{job_qrn}/cancel', once)).toEqual({ statuses: [202, 400], faults: [] });
    const twice = qrns.map((qrn) => send(`/jobs/${qrn}/cancel`, 'bob', 'POST'));
    expect(audit('/jobs/{job_qrn}/cancel', twice)).toEqual({ statuses: [400, 403, 409], faults: [] });
  });

  test('answers every device as the contract says', () => {
    const get = createClient(shape);
    const answers = deviceCatalog.map(({ qrn }) => get(`/devices/${qrn}`));
    expect(audit('/devices/{device_qrn}', answers)).toEqual({ statuses: [200], faults: [] });
  });

  test.each<[status: number, route: Route, path: string, label: string]>([
    [401, '/jobs', '/jobs', ''],
    [401, '/jobs', '/jobs', 'not-a-key'],
    [401, '/jobs', '/jobs', 'qbr_unknown'],
    [401, '/jobs/{job_qrn}', '/jobs/qbraid:job:abc123xyz', ''],
    [404, '/jobs/{job_qrn}', '/jobs/qbraid:job:abc123xyz', 'alice'],
    [422, '/jobs/{job_qrn}', '/jobs/not%20a%20qrn', 'alice'],
    [401, '/jobs/statuses', '/jobs/statuses', 'qbr_unknown'],
    [401, '/jobs/{job_qrn}/result', '/jobs/qbraid:job:abc123xyz/result', 'qbr_unknown'],
    [404, '/jobs/{job_qrn}/result', '/jobs/qbraid:job:abc123xyz/result', 'alice'],
    [422, '/jobs/{job_qrn}/result', '/jobs/not%20a%20qrn/result', 'alice'],
    [401, '/jobs/{job_qrn}/cancel', '/jobs/qbraid:job:abc123xyz/cancel', 'qbr_unknown'],
    [404, '/jobs/{job_qrn}/cancel', '/jobs/qbraid:job:abc123xyz/cancel', 'alice'],
    [422, '/jobs/{job_qrn}/cancel', '/jobs/not%20a%20qrn/cancel', 'alice'],
    [401, '/devices/{device_qrn}', '/devices/aws:aws:sim:sv1', 'qbr_unknown'],
    [404, '/devices/{device_qrn}', '/devices/acme:acme:qpu:one', 'alice'],
    [422, '/devices/{device_qrn}', '/devices/not%20a%20qrn', 'alice'],
    [422, '/jobs', '/jobs?limit=0&page=x&vendor=acme&status=DONE&statusGroup=some&search=&tags=[]', 'alice'],
  ])('answers %i on %s to %s with the key "%s" as the contract says', (status, route, path, label) => {
    const answer = createClient(shape)(path, label, methods[route].toUpperCase());
    expect([answer.status, faultsOf(route, answer)]).toEqual([status, []]);
  });

  test("answers 403 to another user's job as the contract says", () => {
    const get = createClient(shape);
    const [qrn] = readQrns(get('/jobs?limit=1', 'carol'));
    const answer = get(`/jobs/${qrn}`);
    expect([answer.status, faultsOf('/jobs/{job_qrn}', answer)]).toEqual([403, []]);
  });

  test('answers 429 past the rate limit as the contract says', () => {
    const send = createClient(shape);
    const paths: Record<Route, string> = {
      '/jobs': '/jobs',
      '/jobs/{job_qrn}': '/jobs/qbraid:job:1',
      '/jobs/statuses': '/jobs/statuses',
      '/jobs/{job_qrn}/result': '/jobs/qbraid:job:1/result',
      '/jobs/{job_qrn}/cancel': '/jobs/qbraid:job:1/cancel',
      '/devices/{device_qrn}': '/devices/aws:aws:sim:sv1',
    };
    for (let count = 0; count < 400; count += 1) send('/jobs?limit=1');
    for (const [route, path] of Object.entries(paths) as [Route, string][]) {
      const answer = send(path, 'alice', methods[route].toUpperCase());
      expect([answer.status, faultsOf(route, answer)]).toEqual([429, []]);
    }
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
