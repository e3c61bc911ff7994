import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const QRN = 'aws:ionq:qpu:forte';
const carried = { qrn: QRN, name: 'Forte', deviceType: 'QPU', vendor: 'aws', status: 'ONLINE' };
const details = {
  ...carried,
  statusMsg: 'Calibrated',
  queueDepth: 3,
  avgQueueTime: 120.5,
  pricing: { perTask: 30, perShot: '0.01', perMinute: null },
  internalId: 'secret',
};
const jobs = [
  aJob('a:1', { deviceQrn: QRN, device: carried }),
  aJob('a:2', { deviceQrn: QRN, device: carried }),
  aJob('a:3', { deviceQrn: QRN }),
  aJob('a:4', { deviceQrn: null }),
];

/** A gateway over a service with these jobs, which answers for devices as the test says. */
function openGateway(
  deviceOf: (qrn: string, key: string) => UpstreamBehaviour | undefined = () => undefined,
) {
  const service = jobService({ 'alice-key': jobs, 'bob-key': [] });
  return createTestGateway(
    overriding(service, ({ path, key = '' }) => {
      const qrn = /^\/devices\/(.+)$/.exec(path)?.[1];
      return qrn === undefined
        ? undefined
        : (deviceOf(decodeURIComponent(qrn), key) ?? { body: { success: true, data: details } });
    }),
  );
}

const devices = (requests: readonly { readonly path: string }[]) =>
  requests.filter(({ path }) => path.startsWith('/devices/'));

describe('a device', () => {
  const all = `{ device(qrn: "${QRN}") {
    qrn name deviceType vendor status statusMsg queueDepth avgQueueTime pricing { perTask perShot perMinute }
  } }`;

  test('has what upstream says of it, and nothing that is internal', async () => {
    const { query, upstream } = await openGateway();
    expect((await query(all)).data.device).toEqual({
      ...carried,
      statusMsg: 'Calibrated',
      queueDepth: 3,
      avgQueueTime: 120.5,
      pricing: { perTask: 30, perShot: 0.01, perMinute: null },
    });
    expect(upstream.requests).toEqual([{ path: `/devices/${QRN}`, key: 'alice-key' }]);
  });

  test('has the name by which it was asked for, also where upstream leaves it out', async () => {
    const { query } = await openGateway(() => ({ body: { name: 'Forte' } }));
    expect((await query(all)).data.device).toMatchObject({ qrn: QRN, name: 'Forte', pricing: null });
  });

  test('is fresh for a minute', async () => {
    const { query, upstream, clock } = await openGateway();
    await query(all);
    clock.advance(59_999);
    await query(all);
    expect(devices(upstream.requests)).toHaveLength(1);
    clock.advance(1);
    await query(all);
    expect(devices(upstream.requests)).toHaveLength(2);
  });

  test.each<[what: string, answer: UpstreamBehaviour, code: string]>([
    ['is not known', refusal(404, 'Not Found'), 'NOT_FOUND'],
    ['is another one', { body: { success: true, data: { qrn: 'a:other' } } }, 'UPSTREAM_INVALID_RESPONSE'],
    ['cannot be read', { body: { success: true, data: { queueDepth: {} } } }, 'UPSTREAM_INVALID_RESPONSE'],
  ])('that %s is an error', async (_, answer, code) => {
    const { query } = await openGateway(() => answer);
    const { data, errors } = await query(all);
    expect([data, errors?.[0]?.extensions.code]).toEqual([{ device: null }, code]);
  });

  test('with no valid name is refused without a request', async () => {
    const { query, upstream } = await openGateway();
    const { errors } = await query('{ device(qrn: "../jobs") { name } }');
    expect([errors?.[0]?.extensions.code, upstream.requests]).toEqual(['BAD_USER_INPUT', []]);
  });

  test('is read with the first key, and with the next one only where that fails', async () => {
    const { query, upstream } = await openGateway((_, key) =>
      key === 'x' ? refusal(503, 'Down') : undefined,
    );
    expect((await query(all, { keys: 'x=x, alice=alice-key, bob=bob-key' })).data.device.name).toBe('Forte');
    expect(upstream.requests.map(({ key }) => key)).toEqual(['x', 'alice-key']);
  });
});

describe('the device of a job', () => {
  test('costs no request for the fields that came with the job', async () => {
    const { query, upstream } = await openGateway();
    const { data } = await query(
      '{ jobs(first: 2) { nodes { device { qrn name deviceType vendor status } } } }',
    );
    expect(data.jobs.nodes).toEqual([{ device: carried }, { device: carried }]);
    expect(devices(upstream.requests)).toEqual([]);
  });

  test('is completed for one request, however many jobs have it', async () => {
    const { query, upstream } = await openGateway();
    const { data } = await query('{ jobs { nodes { device { name queueDepth } } } }');
    const device = { name: 'Forte', queueDepth: 3 };
    expect(data.jobs.nodes).toEqual([{ device }, { device }, { device }, { device: null }]);
    expect(devices(upstream.requests)).toHaveLength(1);
  });

  test('is null without a request where nothing of it came, unless it has to be asked anyway', async () => {
    const { query, upstream } = await openGateway();
    const { data } = await query(
      `{ without: job(qrn: "a:3") { device { qrn name status } } with: job(qrn: "a:3") { device { qrn status statusMsg } } }`,
    );
    expect(data).toEqual({
      without: { device: null },
      with: { device: { qrn: QRN, status: 'ONLINE', statusMsg: 'Calibrated' } },
    });
    expect(devices(upstream.requests)).toHaveLength(1);
  });

  test('that upstream does not know any more has no details, and is no error', async () => {
    const { query } = await openGateway(() => refusal(404, 'Not Found'));
    const { data, errors } = await query(
      '{ job(qrn: "a:1") { device { name queueDepth pricing { perShot } } } }',
    );
    expect([data.job.device, errors]).toEqual([
      { name: 'Forte', queueDepth: null, pricing: null },
      undefined,
    ]);
  });

  test('that upstream does not know is asked for again after a minute, and not before', async () => {
    let isKnown = false;
    const { query, upstream, clock } = await createTestGateway(
      overriding(
        jobService({
          'alice-key': [aJob('a:1', { deviceQrn: QRN, device: carried, status: 'COMPLETED', cost: 1 })],
        }),
        ({ path }) => {
          if (!path.startsWith('/devices/')) return undefined;
          return isKnown ? { body: { success: true, data: details } } : refusal(404, 'Not Found');
        },
      ),
    );
    const depth = async () => (await query('{ job(qrn: "a:1") { device { queueDepth } } }')).data.job.device;
    await depth();
    clock.advance(59_999);
    await query('{ job(qrn: "a:1") { device { pricing { perTask } } } }');
    expect(devices(upstream.requests)).toHaveLength(1);
    isKnown = true;
    clock.advance(1);
    expect(await depth()).toEqual({ queueDepth: 3 });
  });

  test('that cannot be read fails in the fields that need it, and leaves the others', async () => {
    const { query } = await openGateway(() => refusal(500, 'Down'));
    const { data, errors } = await query('{ job(qrn: "a:1") { device { name queueDepth } } }');
    expect(data.job.device).toEqual({ name: 'Forte', queueDepth: null });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['job', 'device', 'queueDepth'], 'UPSTREAM_UNAVAILABLE'],
    ]);
  });

  test('whose name cannot be asked for is an error of upstream', async () => {
    const { query } = await createTestGateway(
      jobService({ 'alice-key': [aJob('a:1', { deviceQrn: '../x' })] }),
    );
    const { errors } = await query('{ job(qrn: "a:1") { device { queueDepth } } }');
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID_RESPONSE');
  });
});
