import type { Connection } from './open-connection.ts';
import type { Script } from './scripts/create-script.ts';

/** A part of a script's reply. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Runs a script. A server that does not know it is given it. */
export async function runScript(
  connection: Connection,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<RedisReply> {
  const command = ['EVALSHA', script.sha, String(keys.length), ...keys, ...args.map(String)];
  // Redis writes to the clients whose replies are ready, those last that were ready first. With the reply to a ping, those who
  // are told hear of it before this client has its own reply, and shows what it says.
  if (script.isHeard) connection.ping().catch(() => {});
  try {
    return await connection.sendCommand<RedisReply>(command);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    await connection.sendCommand(['SCRIPT', 'LOAD', script.text]);
    return connection.sendCommand<RedisReply>(command);
  }
}
