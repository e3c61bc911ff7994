/** All names on the server begin with it: it names the version of what is written there. */
const PREFIX = 'qgg1';

/** Where the marker of the server's data stands: another one, or none, tells that data was lost. */
export const MARKER_KEY = `${PREFIX}:alive`;

/** The names of what is kept of an API key. They share a hash tag. */
export function toKeys(name: string) {
  const own = `${PREFIX}:{${name}}`;
  return {
    /** A hash: partition, last logical time, refusal, hold, proof. */
    account: `${own}:acct`,
    /** A sorted set: the requests of the window, by milliseconds. */
    sent: `${own}:sent`,
    /** The channel of the bells. */
    channel: own,
    /** A stream: the readings. */
    log: (partition: string) => `${own}:${partition}:log`,
    /** A hash: the entry of each subject in the log, with its size. */
    subjects: (partition: string) => `${own}:${partition}:sub`,
    /** A hash: the requests under way, and those that failed, by span. */
    claims: (partition: string) => `${own}:${partition}:claims`,
  };
}
