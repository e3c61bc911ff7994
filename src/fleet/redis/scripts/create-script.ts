import { createHash } from 'node:crypto';
import { SCRIPT_HEAD } from './script-head.ts';

/** A script as the server runs it. */
export interface Script {
  readonly text: string;
  /** Its name on the server. */
  readonly sha: string;
  /** Whether it tells others something. */
  readonly isHeard: boolean;
}

/** Makes a script of Lua statements that follow what all scripts begin with. Without `allow-oom` a full server refuses it whole. */
export function createScript(flag: 'allow-oom' | null, body: string): Script {
  const text = `#!lua${flag === null ? '' : ` flags=${flag}`}\n${SCRIPT_HEAD}${body}`;
  return {
    text,
    sha: createHash('sha1').update(text).digest('hex'),
    isHeard: body.includes("'PUBLISH'"),
  };
}
