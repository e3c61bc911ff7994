import { createScript } from './create-script.ts';

/** Whether the server accepts writes, and the marker of its data: the one that is offered, where there is none. It lives for a day. */
export const PING_SCRIPT = createScript(
  'allow-oom',
  `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
redis.call('PEXPIRE', KEYS[1], 86400000)
return { now, redis.call('GET', KEYS[1]) }
`,
);
