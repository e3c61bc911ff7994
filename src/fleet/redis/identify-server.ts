import type { Connection } from './open-connection.ts';

/** What a server says of itself. */
export interface ServerIdentity {
  /** Another one after each start. */
  readonly runId: string;
  readonly evictionPolicy: string;
}

/** Asks a server who it is. */
export async function identifyServer(connection: Connection): Promise<ServerIdentity> {
  const [server, memory] = await Promise.all([connection.info('server'), connection.info('memory')]);
  return { runId: lineOf(server, 'run_id'), evictionPolicy: lineOf(memory, 'maxmemory_policy') };
}

function lineOf(info: string, field: string): string {
  return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}
