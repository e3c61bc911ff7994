import type { Connection } from './open-connection.ts';
import { ASK_SCRIPT } from './scripts/ask-script.ts';
import { FAIL_SCRIPT } from './scripts/fail-script.ts';
import { HEAL_SCRIPT } from './scripts/heal-script.ts';
import { LAND_FULL_SCRIPT, LAND_SCRIPT } from './scripts/land-script.ts';
import { PULL_SCRIPT } from './scripts/pull-script.ts';
import { RENEW_SCRIPT } from './scripts/renew-script.ts';

const SCRIPTS = [
  ASK_SCRIPT,
  FAIL_SCRIPT,
  HEAL_SCRIPT,
  LAND_SCRIPT,
  LAND_FULL_SCRIPT,
  PULL_SCRIPT,
  RENEW_SCRIPT,
];

/** Gives a server all scripts in one round trip, so that the first command of each kind does not take three. */
export async function loadScripts(connection: Connection): Promise<void> {
  await Promise.all(SCRIPTS.map(({ text }) => connection.sendCommand(['SCRIPT', 'LOAD', text])));
}
