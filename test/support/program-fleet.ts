import { readMetrics } from './read-metrics.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { type Environment, type Program, startProgram } from './run-program.ts';
import { type ScriptedUpstream, startScriptedUpstream, type UpstreamScript } from './scripted-upstream.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** One of the built programs of a fleet. */
export interface ProgramReplica {
  readonly program: Program;
  /** The address of its GraphQL endpoint. */
  readonly url: string;
  /** How many requests it has sent without asking the others. */
  countAlone(): Promise<number>;
  /** Its own way to upstream, so that one sees who asked. */
  readonly upstream: ScriptedUpstream;
  /** Its own way to Redis. */
  readonly link: TcpProxy;
}

/** Built programs over one service and one Redis server. Whoever starts them closes them. */
export interface ProgramFleet {
  readonly replicas: readonly ProgramReplica[];
  readonly redis: RedisServer;
  /** When a request with a key came, of all replicas together: times of `performance.now`, in order. */
  askedAtMs(key: string): readonly number[];
  /**
   * Runs what holds only while the server answers in time. Where a replica went on by itself meanwhile, the machine was too
   * busy for that, and it is run again, some times.
   */
  together<T>(run: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const FLEET_SIZE = 4;

const MAX_TRIES = 5;

/**
 * Starts a fleet over a server of its own.
 *
 * @param options With `isDirect`, replicas have no ways of their own to Redis: then this process does not delay what they hear.
 */
export async function startProgramFleet(
  script: UpstreamScript,
  environment: Environment = {},
  { isDirect = false }: { readonly isDirect?: boolean } = {},
): Promise<ProgramFleet> {
  const redis = await startRedisServer();
  const asked: { readonly key: string | undefined; readonly atMs: number }[] = [];
  const start = async (): Promise<ProgramReplica> => {
    const upstream = await startScriptedUpstream((request) => {
      asked.push({ key: request.key, atMs: performance.now() });
      return script(request);
    });
    const redisUrl = new URL(redis.url);
    const link = await startTcpProxy(Number(redisUrl.port));
    redisUrl.port = String(link.port);
    const fleet = {
      REDIS_URL: isDirect ? redis.url : redisUrl.href,
      FLEET_SECRET: 'a secret of thirty-two characters',
      FLEET_SIZE: String(FLEET_SIZE),
    };
    const variables = { METRICS_PORT: '0', ...fleet, ...environment };
    const { program, url } = await startOverUpstream(upstream, variables);
    const [, metricsUrl = ''] = await program.printed(/"metrics":"([^"]+)"/);
    return { program, url, upstream, link, countAlone: () => countAlone(metricsUrl) };
  };
  const replicas = await Promise.all(Array.from({ length: FLEET_SIZE }, start));
  const countAllAlone = async () => {
    const counts = await Promise.all(replicas.map((replica) => replica.countAlone()));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  return {
    replicas,
    redis,
    askedAtMs: (key) => asked.filter((request) => request.key === key).map(({ atMs }) => atMs),
    async together(run) {
      for (let tries = 1; ; tries += 1) {
        const before = await countAllAlone();
        const result = await run().catch((error: Error) => error);
        if (tries < MAX_TRIES && (await countAllAlone()) > before) continue;
        if (result instanceof Error) throw result;
        return result;
      }
    },
    async close() {
      for (const { program, upstream, link } of replicas) {
        program.signal('SIGKILL');
        await program.ended;
        await upstream.close();
        await link.close();
      }
      await redis.close();
    },
  };
}

/** Starts one program over an upstream. */
export async function startOverUpstream(upstream: ScriptedUpstream, environment: Environment = {}) {
  const program = startProgram([], {
    PORT: '0',
    NODE_ENV: 'production',
    ACCESS_LOG_LEVEL: 'silent',
    QBRAID_API_URL: upstream.url,
    // Four programs and their clients may keep a small machine busy.
    MAX_EVENT_LOOP_DELAY_MS: '600000',
    ...environment,
  });
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  return { program, url };
}

async function countAlone(metricsUrl: string): Promise<number> {
  const metrics = readMetrics(await (await fetch(metricsUrl)).text());
  const { samples = {} } = metrics.get('qbraid_gateway_fleet_events_total') ?? {};
  const count = samples['qbraid_gateway_fleet_events_total{event="alone"}'];
  if (count === undefined) throw new Error('The replica is in no fleet.');
  return count;
}
