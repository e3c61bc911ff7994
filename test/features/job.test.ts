import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding } from '../support/job-service.ts';

const QRN = 'qbraid:job:1';

const everyField = `
  id qrn name status statusMsg shots numCircuits deviceQrn device { qrn name deviceType vendor status } vendor provider
  experimentType tags runtimeOptions metadata batchJobQrn batchJob { qrn } queuePosition
  timeStamps { createdAt endedAt executionDuration } createdAt updatedAt cost estimatedCost isTerminal keys fetchedAt
`;

/** What the gateway answers about a job that upstream sends like this. */
async function read(job: RawJob, fields: string) {
  const { query } = await createTestGateway(jobService({ 'alice-key': [job] }));
  return query(`query ($qrn: String!) { job(qrn: $qrn) { ${fields} } }`, { variables: { qrn: job.jobQrn } });
}

/** The global id of the object with this name, as any client could make it up. */
const toId = (name: string) => Buffer.from(name).toString('base64url');

describe('every field of a job', () => {
  test('comes from the documented shape', async () => {
    const job = {
      name: 'My quantum job',
      shots: 1000,
      deviceQrn: 'qbraid:qbraid:sim:qir-sv',
      tags: { experiment: 'bell-state', run: 7, final: true },
      runtimeOptions: { seed: 42 },
      jobQrn: 'qbraid:job:abc123xyz',
      batchJobQrn: null,
      vendor: 'qbraid',
      provider: 'qbraid',
      status: 'COMPLETED',
      statusMsg: 'Done.',
      experimentType: 'gate_model',
      queuePosition: 0,
      timeStamps: {
        createdAt: '2025-01-15T10:30:00Z',
        endedAt: '2025-01-15T10:30:05Z',
        executionDuration: 5000,
      },
      cost: 0.501875,
      estimatedCost: 0.5,
      metadata: { notes: ['first', 'second'] },
    };

    expect(await read(job, everyField)).toEqual({
      data: {
        job: {
          id: 'Sm9iOnFicmFpZDpqb2I6YWJjMTIzeHl6',
          qrn: 'qbraid:job:abc123xyz',
          name: 'My quantum job',
          status: 'COMPLETED',
          statusMsg: 'Done.',
          shots: 1000,
          numCircuits: null,
          deviceQrn: 'qbraid:qbraid:sim:qir-sv',
          device: null,
          vendor: 'qbraid',
          provider: 'qbraid',
          experimentType: 'gate_model',
          tags: { experiment: 'bell-state', run: 7, final: true },
          runtimeOptions: { seed: 42 },
          metadata: { notes: ['first', 'second'] },
          batchJobQrn: null,
          batchJob: null,
          queuePosition: 0,
          timeStamps: {
            createdAt: '2025-01-15T10:30:00.000Z',
            endedAt: '2025-01-15T10:30:05.000Z',
            executionDuration: 5000,
          },
          createdAt: '2025-01-15T10:30:00.000Z',
          updatedAt: null,
          cost: 0.501875,
          estimatedCost: 0.5,
          isTerminal: true,
          keys: ['default'],
          fetchedAt: '2026-01-15T00:00:00.000Z',
        },
      },
    });
  });

  test('comes from the recorded shape', async () => {
    const job = {
      jobQrn: 'aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af',
      name: 'Rydberg sweep',
      shots: 100,
      numCircuits: 3,
      deviceQrn: 'aws:quera:qpu:aquila',
      device: {
        qrn: 'aws:quera:qpu:aquila',
        name: 'Aquila',
        deviceType: 'QPU',
        vendor: 'aws',
        status: 'ONLINE',
      },
      vendor: 'aws',
      provider: 'quera',
      status: 'QUEUED',
      experimentType: 'analog',
      tags: {},
      runtimeOptions: {},
      groupJobQrn: 'aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af',
      timeStamps: { createdAt: '2026-01-16T21:31:20.123456Z' },
      createdAt: '2026-01-16T21:31:20.118Z',
      updatedAt: '2026-01-16T21:31:21.2Z',
      estimatedCost: 130,
    };

    expect(await read(job, everyField)).toEqual({
      data: {
        job: {
          id: toId('Job:aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af'),
          qrn: 'aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af',
          name: 'Rydberg sweep',
          status: 'QUEUED',
          statusMsg: null,
          shots: 100,
          numCircuits: 3,
          deviceQrn: 'aws:quera:qpu:aquila',
          device: {
            qrn: 'aws:quera:qpu:aquila',
            name: 'Aquila',
            deviceType: 'QPU',
            vendor: 'aws',
            status: 'ONLINE',
          },
          vendor: 'aws',
          provider: 'quera',
          experimentType: 'analog',
          tags: {},
          runtimeOptions: {},
          metadata: {},
          batchJobQrn: 'aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af',
          batchJob: { qrn: 'aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af' },
          queuePosition: null,
          timeStamps: { createdAt: '2026-01-16T21:31:20.123Z', endedAt: null, executionDuration: null },
          createdAt: '2026-01-16T21:31:20.118Z',
          updatedAt: '2026-01-16T21:31:21.200Z',
          cost: null,
          estimatedCost: 130,
          isTerminal: false,
          keys: ['default'],
          fetchedAt: '2026-01-15T00:00:00.000Z',
        },
      },
    });
  });

  test.each([
    ['absent', undefined],
    ['null', null],
  ])('is unset where upstream sends it as %s', async (_, unset) => {
    const names = Object.keys({ ...aJob(QRN), device: 0, numCircuits: 0, createdAt: 0, updatedAt: 0 });
    const unsetFields = Object.fromEntries(names.map((name) => [name, unset]));

    const { data } = await read({ ...unsetFields, jobQrn: QRN, status: 'HOLD' }, everyField);

    expect(data.job).toEqual({
      id: toId(`Job:${QRN}`),
      qrn: QRN,
      name: null,
      status: 'HOLD',
      statusMsg: null,
      shots: null,
      numCircuits: null,
      deviceQrn: null,
      device: null,
      vendor: null,
      provider: null,
      experimentType: null,
      tags: {},
      runtimeOptions: {},
      metadata: {},
      batchJobQrn: null,
      batchJob: null,
      queuePosition: null,
      timeStamps: null,
      createdAt: null,
      updatedAt: null,
      cost: null,
      estimatedCost: null,
      isTerminal: false,
      keys: ['default'],
      fetchedAt: '2026-01-15T00:00:00.000Z',
    });
  });

  test('leaves out what upstream sends for itself', async () => {
    const internal = {
      organizationUserId: 'internal',
      deviceId: 'internal',
      providerId: 'internal',
      gcsDestination: 'gs://internal',
    };
    const job = aJob(QRN, {
      ...internal,
      device: { name: 'Aquila', ...internal },
      timeStamps: { createdAt: '2026-01-15T10:30:00Z', ...internal },
    });

    const { data } = await read(job, everyField);

    expect(data.job.device.name).toBe('Aquila');
    expect(JSON.stringify(data)).not.toContain('internal');
  });
});

describe('a job', () => {
  test.each<[what: string, sent: object, fields: string, expected: object]>([
    ['the newer name of a batch', { groupJobQrn: 'a:group' }, 'batchJobQrn', { batchJobQrn: 'a:group' }],
    [
      'the older name of a batch before the newer',
      { batchJobQrn: 'a:batch', groupJobQrn: 'a:group' },
      'batchJobQrn',
      { batchJobQrn: 'a:batch' },
    ],
    ['a vendor that nobody knows yet', { vendor: 'openquantum' }, 'vendor', { vendor: 'openquantum' }],
    ['a provider that nobody knows yet', { provider: 'acme' }, 'provider', { provider: 'acme' }],
    ['a kind that nobody knows yet', { experimentType: 'x' }, 'experimentType', { experimentType: 'x' }],
    [
      'a cost as decimal text',
      { cost: '12.500000', estimatedCost: '0' },
      'cost estimatedCost',
      { cost: 12.5, estimatedCost: 0 },
    ],
    ['no shots', { shots: 0 }, 'shots', { shots: 0 }],
    ['unset shots', { shots: null }, 'shots', { shots: null }],
    [
      'integers beyond 32 bits',
      {
        shots: 2 ** 40,
        numCircuits: 2 ** 41,
        queuePosition: 2 ** 42,
        timeStamps: { executionDuration: 2 ** 53 - 1 },
      },
      'shots numCircuits queuePosition timeStamps { executionDuration }',
      {
        shots: 1099511627776,
        numCircuits: 2199023255552,
        queuePosition: 4398046511104,
        timeStamps: { executionDuration: 9007199254740991 },
      },
    ],
    [
      'half a millisecond',
      { timeStamps: { executionDuration: 1234.5678 } },
      'timeStamps { executionDuration }',
      { timeStamps: { executionDuration: 1235 } },
    ],
    [
      'a creation time of its own before that of its time stamps',
      { createdAt: '2026-01-01T00:00:00Z', timeStamps: { createdAt: '2026-01-02T00:00:00Z' } },
      'createdAt',
      { createdAt: '2026-01-01T00:00:00.000Z' },
    ],
    [
      'fields that the contract does not have',
      { sessions: [{ id: 1 }], status: 'RUNNING' },
      'status',
      { status: 'RUNNING' },
    ],
  ])('may have %s', async (_, sent, fields, expected) => {
    expect(await read(aJob(QRN, { ...sent }), fields)).toEqual({ data: { job: expected } });
  });

  test.each([
    ['2026-01-15T10:30:00Z', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15T10:30:00.250Z', '2026-01-15T10:30:00.250Z'],
    ['2026-01-15T10:30:00.250999Z', '2026-01-15T10:30:00.250Z'],
    ['2026-01-15T10:30:00.5+02:00', '2026-01-15T08:30:00.500Z'],
    ['2026-01-15T10:30:00', '2026-01-15T10:30:00.000Z'],
  ])('may have been created at %s', async (createdAt, expected) => {
    expect(await read(aJob(QRN, { createdAt }), 'createdAt')).toEqual({
      data: { job: { createdAt: expected } },
    });
  });

  test.each([
    ['INITIALIZING', false],
    ['QUEUED', false],
    ['VALIDATING', false],
    ['RUNNING', false],
    ['CANCELLING', false],
    ['CANCELLED', true],
    ['COMPLETED', true],
    ['FAILED', true],
    ['UNKNOWN', false],
    ['HOLD', false],
  ])('that is %s has ended: %s', async (status, isTerminal) => {
    expect(await read(aJob(QRN, { status }), 'status isTerminal')).toEqual({
      data: { job: { status, isTerminal } },
    });
  });

  test('with a status that nobody knows yet is UNKNOWN, and the log says what was sent', async () => {
    const script = jobService({ 'alice-key': [aJob(QRN, { status: 'TELEPORTING' })] });
    const { query, logs } = await createTestGateway(script);

    const { data } = await query(`{ job(qrn: "${QRN}") { status isTerminal } }`);

    expect(data.job).toEqual({ status: 'UNKNOWN', isTerminal: false });
    expect(logs.filter(({ level }) => level === 40)).toEqual([
      expect.objectContaining({ msg: 'upstream sent an unknown job status', status: 'TELEPORTING' }),
    ]);
  });

  test('with such a status is logged once for each status, however often it is read', async () => {
    const jobs = Array.from({ length: 100 }, (_, index) =>
      aJob(`a:${index}`, { status: index % 2 === 0 ? 'TELEPORTING' : 'DREAMING' }),
    );
    const { query, logs } = await createTestGateway(jobService({ 'alice-key': jobs, 'bob-key': jobs }));
    for (const key of ['alice-key', 'bob-key'])
      await query('{ jobs(first: 100) { nodes { qrn } } }', { key });
    expect(logs.filter(({ level }) => level === 40).map(({ status }) => status)).toEqual([
      'TELEPORTING',
      'DREAMING',
    ]);
  });

  test('with ever new statuses does not flood the log', async () => {
    const counts = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`S${index}${'x'.repeat(index)}`, 1]),
    );
    const { query, logs } = await createTestGateway(() => ({ body: { success: true, data: counts } }));
    await query('{ jobCounts { total } }');
    const lines = logs.filter(({ level }) => level === 40);
    expect(lines.length).toBeLessThanOrEqual(100);
    expect(Math.max(...lines.map(({ status }) => String(status).length))).toBeLessThanOrEqual(64);
  });

  test.each<[what: string, sent: object]>([
    ['no status', { status: undefined }],
    ['an empty status', { status: '' }],
    ['a status that is no text', { status: 7 }],
    ['shots that are no number', { shots: 'many' }],
    ['a duration that no client can read', { timeStamps: { executionDuration: 1e20 } }],
    ['a cost that is no number', { cost: '1 credit' }],
    ['a cost as text that is beyond all numbers', { cost: '9'.repeat(400) }],
    ['tags that are a list', { tags: ['a'] }],
    ['a creation time that is none', { createdAt: 'yesterday' }],
    ['a creation time after the last year of RFC 3339', { createdAt: '9999-12-31T23:59:59-14:00' }],
    ['a creation time before its first year', { createdAt: '0000-01-01T00:00:00+14:00' }],
    ['a creation time on no day of the calendar', { createdAt: '2026-13-01T00:00:00Z' }],
  ])('with %s cannot be read', async (_, sent) => {
    const { data, errors } = await read(aJob(QRN, { ...sent }), 'qrn');

    expect({ data, extensions: errors?.map(({ extensions }) => extensions) }).toEqual({
      data: { job: null },
      extensions: [
        { code: 'UPSTREAM_INVALID_RESPONSE', upstream: { status: 200, code: null, requestId: null } },
      ],
    });
  });

  test('that is another than the one asked for is not shown', async () => {
    const { query } = await createTestGateway(() => ({
      body: { success: true, data: aJob('qbraid:job:2') },
    }));

    const { data, errors } = await query(`{ job(qrn: "${QRN}") { qrn } }`);

    expect({ data, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({
      data: { job: null },
      codes: ['UPSTREAM_INVALID_RESPONSE'],
    });
  });
});

describe('tag', () => {
  const tags = JSON.parse('{"text":"a","number":0,"no":false,"empty":"","__proto__":"p","constructor":"c"}');

  test.each([
    ['text', 'a'],
    ['number', 0],
    ['no', false],
    ['empty', ''],
    ['__proto__', 'p'],
    ['constructor', 'c'],
    ['toString', null],
    ['absent', null],
    ['', null],
  ])('picks "%s"', async (key, value) => {
    const answer = await read(aJob(QRN, { tags }), `tag(key: "${key}")`);
    expect(answer).toEqual({ data: { job: { tag: value } } });
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty'])('finds no %s among no tags', async (key) => {
    const answer = await read(aJob(QRN, { tags: {} }), `tag(key: "${key}")`);
    expect(answer).toEqual({ data: { job: { tag: null } } });
  });

  test('of any name also stands among all tags', async () => {
    const { data } = await read(aJob(QRN, { tags }), 'tags');
    expect(JSON.stringify(data.job.tags)).toBe(JSON.stringify(tags));
  });
});

describe('the upstream is asked once', () => {
  test('when two fields need the same job', async () => {
    const { query, upstream } = await createTestGateway(jobService({ 'alice-key': [aJob(QRN)] }));

    const { data } = await query(`{ a: job(qrn: "${QRN}") { qrn } b: job(qrn: "${QRN}") { status } }`);

    expect(data).toEqual({ a: { qrn: QRN }, b: { status: 'RUNNING' } });
    expect(upstream.requests).toEqual([{ path: '/jobs/qbraid:job:1', key: 'alice-key' }]);
  });

  test('when 20 fields need the same job, by its name and by its id', async () => {
    const { query, upstream } = await createTestGateway(jobService({ 'alice-key': [aJob(QRN)] }));
    const byName = Array.from({ length: 19 }, (_, index) => `a${index}: job(qrn: "${QRN}") { qrn }`);

    const { data } = await query(`{ ${byName.join(' ')} node(id: "${toId(`Job:${QRN}`)}") { id } }`);

    expect(Object.keys(data)).toHaveLength(20);
    expect(upstream.requests).toEqual([{ path: '/jobs/qbraid:job:1', key: 'alice-key' }]);
  });

  test('when two fields need the same job and do not get it', async () => {
    const { query, upstream } = await createTestGateway(jobService({ 'alice-key': [] }));

    const { errors } = await query(`{ a: job(qrn: "${QRN}") { qrn } b: job(qrn: "${QRN}") { qrn } }`);

    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['a'], 'NOT_FOUND'],
      [['b'], 'NOT_FOUND'],
    ]);
    expect(upstream.requests).toEqual([{ path: '/jobs/qbraid:job:1', key: 'alice-key' }]);
  });

  test('for the batch of 50 jobs', async () => {
    const batch = aJob('qbraid:job:batch', { name: 'The batch' });
    const jobs = someJobs(50, '', { batchJobQrn: batch.jobQrn });
    const { query, upstream } = await createTestGateway(jobService({ 'alice-key': [...jobs, batch] }));

    const { data } = await query('{ jobs(first: 50) { nodes { batchJob { name } } } }');

    expect(data.jobs.nodes).toEqual(Array(50).fill({ batchJob: { name: 'The batch' } }));
    expect(upstream.requests.map(({ path }) => path)).toEqual([
      '/jobs?page=1&limit=50',
      '/jobs/qbraid:job:batch',
    ]);
  });

  test('for a job that is its own batch, however often', async () => {
    const script = jobService({ 'alice-key': [aJob(QRN, { batchJobQrn: QRN })] });
    const { query, upstream } = await createTestGateway(script);

    const { data } = await query(`{ job(qrn: "${QRN}") { batchJob { batchJob { batchJob { qrn } } } } }`);

    expect(data.job).toEqual({ batchJob: { batchJob: { batchJob: { qrn: QRN } } } });
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('the batch of a job', () => {
  test.each([
    ['that is gone', 'qbraid:job:gone', 'NOT_FOUND'],
    ['with a name that cannot be asked for', '../statuses', 'UPSTREAM_INVALID_RESPONSE'],
  ])('%s fails by itself', async (_, batchJobQrn, code) => {
    const { data, errors } = await read(aJob(QRN, { batchJobQrn }), 'qrn batchJobQrn batchJob { qrn }');

    expect({ data, errors: errors?.map(({ path, extensions }) => [path, extensions.code]) }).toEqual({
      data: { job: { qrn: QRN, batchJobQrn, batchJob: null } },
      errors: [[['job', 'batchJob'], code]],
    });
  });
});

describe('node', () => {
  const one = 'query ($id: ID!) { node(id: $id) { __typename id ... on Job { qrn } } }';
  const many = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Job { qrn } } }';
  const lists = () => ({ 'alice-key': someJobs(3), 'bob-key': [aJob('qbraid:job:bob')] });

  test('gives the job with this id', async () => {
    const { query } = await createTestGateway(jobService(lists()));
    const id = toId('Job:qbraid:job:1');

    expect(await query(one, { variables: { id } })).toEqual({
      data: { node: { __typename: 'Job', id, qrn: 'qbraid:job:1' } },
    });
  });

  test('is null, without an error, where there is no such job', async () => {
    const { query } = await createTestGateway(jobService(lists()));
    const id = toId('Job:qbraid:job:gone');
    expect(await query(one, { variables: { id } })).toEqual({ data: { node: null } });
  });

  test('is null, with an error, where the job is refused', async () => {
    const { query } = await createTestGateway(jobService(lists()));

    const { data, errors } = await query(one, { variables: { id: toId('Job:qbraid:job:bob') } });

    expect({ data, errors: errors?.map(({ path, extensions }) => [path, extensions.code]) }).toEqual({
      data: { node: null },
      errors: [[['node'], 'FORBIDDEN']],
    });
  });

  test.each([
    ['', 'nothing'],
    ['qbraid:job:1', 'the name of a job'],
    [toId('Job:'), 'the id of nothing'],
    [toId('Device:a:b'), 'the id of something else'],
    [toId('Job:statuses'), 'the id of what is no job'],
    [toId('Job:../a:b'), 'the id of another route'],
    [`${toId('Job:qbraid:job:1')}=`, 'an id with padding'],
    [`${toId('Job:qbraid:job:1')}!`, 'an id with more behind it'],
    [Buffer.from('Job:a:>>>').toString('base64'), 'an id that is not safe in a URL'],
  ])('refuses "%s", %s, without asking the upstream', async (id) => {
    const { query, upstream } = await createTestGateway(jobService(lists()));

    const { data, errors } = await query(one, { variables: { id } });

    expect({ data, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({
      data: { node: null },
      codes: ['BAD_USER_INPUT'],
    });
    expect(upstream.requests).toEqual([]);
  });

  test('of a job has the same id under every key', async () => {
    const shared = [aJob('qbraid:job:shared')];
    const { query } = await createTestGateway(jobService({ 'alice-key': shared, 'bob-key': shared }));
    const ask = (key: string) => query('{ job(qrn: "qbraid:job:shared") { id } }', { key });

    expect([await ask('alice-key'), await ask('bob-key')]).toEqual([
      { data: { job: { id: toId('Job:qbraid:job:shared') } } },
      { data: { job: { id: toId('Job:qbraid:job:shared') } } },
    ]);
  });

  test('gives many in their order, with null for what there is not', async () => {
    const { query } = await createTestGateway(jobService(lists()));
    const ids = ['2', 'gone', '0', '2'].map((name) => toId(`Job:qbraid:job:${name}`));

    expect(await query(many, { variables: { ids } })).toEqual({
      data: {
        nodes: [
          { id: ids[0], qrn: 'qbraid:job:2' },
          null,
          { id: ids[2], qrn: 'qbraid:job:0' },
          { id: ids[3], qrn: 'qbraid:job:2' },
        ],
      },
    });
  });

  test('gives many beside those that are refused and those that cannot be', async () => {
    const { query } = await createTestGateway(jobService(lists()));
    const ids = [toId('Job:qbraid:job:1'), toId('Job:qbraid:job:bob'), 'no-id'];

    const { data, errors } = await query(many, { variables: { ids } });

    expect({ data, errors: errors?.map(({ path, extensions }) => [path, extensions.code]) }).toEqual({
      data: { nodes: [{ id: ids[0], qrn: 'qbraid:job:1' }, null, null] },
      errors: expect.arrayContaining([
        [['nodes', 1], 'FORBIDDEN'],
        [['nodes', 2], 'BAD_USER_INPUT'],
      ]),
    });
  });

  test('gives 500 at once', async () => {
    const jobs = someJobs(500);
    const { query } = await createTestGateway(jobService({ 'alice-key': jobs }));
    const ids = jobs.map(({ jobQrn }) => toId(`Job:${jobQrn}`));

    const { data } = await query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { variables: { ids } });

    expect(data).toEqual({ nodes: ids.map((id) => ({ id })) });
  });

  test('refuses more than 500 at once without asking the upstream, and leaves the fields beside them', async () => {
    const { query, upstream } = await createTestGateway(jobService(lists()));
    const ids = Array.from({ length: 501 }, (_, index) => toId(`Job:qbraid:job:${index}`));

    const { data, errors } = await query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } __typename }', {
      variables: { ids },
    });

    expect(data).toEqual({ nodes: Array(501).fill(null), __typename: 'Query' });
    expect(errors).toMatchObject([
      {
        message: '`ids` must be at most 500 in all of an operation, got more: ask for them in parts.',
        path: ['nodes', 0],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(upstream.requests).toEqual([]);
  });

  test('refuses what is beyond 500 in several fields, with one error for each field', async () => {
    const { query } = await createTestGateway(jobService(lists()));
    const ids = Array(300).fill('no id');

    const { errors } = await query(
      'query ($ids: [ID!]!) { a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { id } c: nodes(ids: $ids) { id } }',
      { variables: { ids } },
    );

    const paths = errors?.map(({ path }) => path);
    expect(paths).toHaveLength(302);
    expect(paths).toEqual(
      expect.arrayContaining([
        ['b', 0],
        ['c', 0],
      ]),
    );
  });
});

test('one job that fails leaves the others', async () => {
  const script = overriding(jobService({ 'alice-key': someJobs(2) }), ({ path }) =>
    path === '/jobs/qbraid:job:0' ? { status: 500 } : undefined,
  );
  const { query } = await createTestGateway(script);

  const { data, errors } = await query(
    '{ bad: job(qrn: "qbraid:job:0") { qrn } good: job(qrn: "qbraid:job:1") { qrn } }',
  );

  expect({ data, errors: errors?.map(({ path, extensions }) => [path, extensions.code]) }).toEqual({
    data: { bad: null, good: { qrn: 'qbraid:job:1' } },
    errors: [[['bad'], 'UPSTREAM_UNAVAILABLE']],
  });
});
