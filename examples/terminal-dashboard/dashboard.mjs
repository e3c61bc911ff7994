// Quantum jobs in a terminal: how many have each status, and the newest ones, as they change. README.md says how to start it.
import { createJobsClient } from 'qbraid-graphql-clients';

const { GATEWAY_URL = 'http://127.0.0.1:4000/graphql', QBRAID_KEYS } = process.env;
const ROWS = 15;

const COUNTS = `subscription {
  jobCountsChanged { total active byStatus { status count } sources { key error { message } } }
}`;
const JOBS = `subscription ($first: Int) {
  jobsChanged(first: $first) { edges { node { qrn name status deviceQrn queuePosition } } sources { key error { message } } }
}`;

if (!QBRAID_KEYS?.trim()) {
  console.error('QBRAID_KEYS has no keys. Set it to labels and keys: QBRAID_KEYS="alice=qbr_…, bob=qbr_…"');
  process.exit(2);
}

const jobs = createJobsClient({ url: GATEWAY_URL, headers: { 'X-API-KEYS': QBRAID_KEYS } });
const leaving = new AbortController();
process.once('SIGINT', () => leaving.abort()).once('SIGTERM', () => leaving.abort());

/** What the dashboard shows: the latest events, and why a stream is interrupted. */
const shown = { counts: null, list: null, notices: new Map() };

await Promise.all([
  follow(COUNTS, {}, ({ jobCountsChanged }) => (shown.counts = jobCountsChanged)),
  follow(JOBS, { first: ROWS }, ({ jobsChanged }) => (shown.list = jobsChanged)),
]);

/** Shows each event of a subscription. The client subscribes again after lost connections and restarts. */
async function follow(document, variables, keep) {
  const onRetry = (failure, delayMs) => {
    shown.notices.set(document, `Not live, again in ${Math.ceil(delayMs / 1000)} s: ${reasonOf(failure)}`);
    draw();
  };
  const options = { signal: leaving.signal, onRetry };
  for await (const { data, errors } of jobs.subscribe(document, variables, options)) {
    if (data === null) return refuse(errors);
    shown.notices.delete(document);
    keep(data);
    draw();
  }
}

/** An error, the errors of a refusal, or null where the gateway itself ended the stream. */
function reasonOf(failure) {
  return failure === null ? 'the gateway restarts' : [failure].flat()[0].message;
}

/** Ends both streams: the gateway will not answer otherwise if it is asked again. */
function refuse(errors) {
  process.exitCode = 1;
  console.error(errors.map(({ message }) => message).join('\n'));
  leaving.abort();
}

function draw() {
  const { counts, list, notices } = shown;
  const failures = (list ?? counts)?.sources.filter(({ error }) => error !== null) ?? [];
  const lines = [
    counts && `${counts.total} jobs, ${counts.active} active: ${tell(counts.byStatus)}`,
    ...failures.map(({ key, error }) => `${key}: ${error.message}`),
    ...new Set(notices.values()),
    '',
    ...(list?.edges ?? []).map(({ node }) => node && row(node)),
  ];
  // On a terminal, a picture takes the place of the one before.
  const clear = process.stdout.isTTY ? '\x1b[H\x1b[2J' : '';
  process.stdout.write(`${clear}${lines.filter((line) => line !== null).join('\n')}\n`);
}

function tell(byStatus) {
  const some = byStatus.filter(({ count }) => count > 0);
  return some.map(({ status, count }) => `${count} ${status}`).join(', ');
}

function row({ name, qrn, status, deviceQrn, queuePosition }) {
  const place = queuePosition === null ? '' : `#${queuePosition}`;
  return [cell(name ?? qrn, 36), cell(status, 12), cell(place, 5), cell(deviceQrn ?? '', 32)]
    .join(' ')
    .trimEnd();
}

/** So many characters, none of which a terminal would obey. */
function cell(text, width) {
  return text
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, width)
    .padEnd(width);
}
