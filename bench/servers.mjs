const ALL = ['W1', 'W2', 'W3', 'W4', 'W5'];
const PEERS = Object.fromEntries(
  ['known', 'limit', 'mercurius', 'apollo', 'yoga'].map((name) => [
    name,
    { title: name, args: [`bench/servers/${name}.mjs`], env: {}, workloads: ALL, isPlain: name === 'limit' },
  ]),
);

const GATEWAY = { args: ['dist/main.js'], workloads: ALL, isCaching: true };

/** The default configuration, but for a budget that no run spends. */
const USUAL = { HOST: '127.0.0.1', RATE_LIMIT_REQUESTS: '1000000', LOG_LEVEL: 'warn' };
const COLD = { ...USUAL, FRESH_ACTIVE_MS: '0', FRESH_TERMINAL_MS: '0', FRESH_HOLD_MS: '0' };

/** The gateway, and the gateway without its cache. */
export const OURS = { ...GATEWAY, title: 'ours', env: USUAL };
export const OURS_COLD = {
  ...GATEWAY,
  title: 'ours, cold',
  env: COLD,
  workloads: ['W1', 'W2', 'W3', 'W4'],
  isCaching: false,
};

/** The servers under test by their names: how each is started, and which workloads say something about it. */
export const SERVERS = {
  ...PEERS,
  ours: OURS,
  'ours-cold': OURS_COLD,
  'ours-records': {
    ...GATEWAY,
    title: 'ours, all records on',
    // A line of the access log for each operation, written to a file, and metrics.
    env: { ...USUAL, LOG_LEVEL: 'info', METRICS_PORT: '0' },
    workloads: ['W1', 'W5'],
    hasLog: true,
  },
  'ours-traced': {
    ...GATEWAY,
    title: 'ours, all traced',
    env: USUAL,
    workloads: ['W1', 'W5'],
    hasTraces: true,
  },
  'ours-sampled': {
    ...GATEWAY,
    title: 'ours, 1 % traced',
    env: { ...USUAL, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' },
    workloads: ['W1', 'W5'],
    hasTraces: true,
  },
};

/** The gateway refuses operations if its process is late. On a machine with other work, that would end each run. */
export function toPatient(server) {
  return { ...server, env: { ...server.env, MAX_EVENT_LOOP_DELAY_MS: '600000' } };
}
