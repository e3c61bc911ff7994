import { createScript } from './create-script.ts';

/**
 * Whether the server accepts writes and bells, and the marker of its data: a new one, where there is none, with the time when it was made. It
 * lives for a day.
 */
export const PING_SCRIPT = createScript(
  'allow-oom',
  `
redis.call('SET', KEYS[1], text(now) .. '_' .. ARGV[1], 'NX')
redis.call('PEXPIRE', KEYS[1], 86400000)
redis.call('PUBLISH', KEYS[1], '')
return { now, redis.call('GET', KEYS[1]) }
`,
);
