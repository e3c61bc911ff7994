import type { IncomingMessage } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../src/server/create-gateway.ts';
import { createLogger } from '../../src/server/create-logger.ts';
import { Arrivals } from '../../src/server/http/arrivals.ts';
import { createHttpServer } from '../../src/server/http/create-http-server.ts';
import type { LaneListener } from '../../src/server/http/lane-listener.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { noteWays, type Way } from './note-ways.ts';
import { type ScriptedUpstream, startScriptedUpstream, type UpstreamScript } from './scripted-upstream.ts';
import { type SentOperation, sendInMemory } from './send-in-memory.ts';

/** What an operation answered. `data` is untyped, so that tests can compare it with what they expect. */
export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of any shape
  readonly data?: any;
  readonly errors?: readonly AnswerError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

export interface QueryOptions {
  /** Sent as `X-API-KEY`; null sends none. @default 'alice-key' */
  readonly key?: string | null;
  /** Sent as `X-API-KEYS`, instead of `key`. */
  readonly keys?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Further parameters of the body, such as `extensions`, or others in place of these. @default none */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it passes the fast lane by. @default false */
  readonly isByYoga?: boolean;
  /** The address that the connection comes from. @default an unknown one */
  readonly address?: string;
  /** Aborts when the client goes away. */
  readonly signal?: AbortSignal;
}

export interface TestGateway {
  /** Executes an operation over HTTP, without a socket. */
  query(query: string, options?: QueryOptions): Promise<Answer>;
  /** Sends an operation over HTTP, without a socket, whose answer is an event stream. */
  subscribe(operation: SentOperation): Promise<Response>;
  /** For whatever `query` cannot say. */
  readonly yoga: Gateway['yoga'];
  /** What answers those who would wait too long. */
  readonly refuse: Gateway['refuse'];
  /** How it stands. */
  readonly report: Gateway['report'];
  /** Reads the file of the key rings again. */
  readonly reloadKeyRings: Gateway['reloadKeyRings'];
  readonly upstream: ScriptedUpstream;
  readonly clock: FakeClock;
  /** Who gave each answer to `query` until now. */
  readonly ways: readonly Way[];
  /** Every log line until now, parsed. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
}

/** What else a test may set. */
interface More
  extends Partial<Pick<GatewayOptions, 'observers' | 'playground' | 'tracing' | 'random' | 'fleet'>> {
  /** Serves in place of one with the script of the test. */
  readonly upstream?: ScriptedUpstream;
}

/** The gateway over a scripted upstream, with a clock of the test's own. Both end with the test. */
export async function createTestGateway(
  script: UpstreamScript,
  environment: Readonly<Record<string, string>> = {},
  clock: FakeClock = createFakeClock(),
  more: More = {},
): Promise<TestGateway> {
  const upstream = more.upstream ?? (await startScriptedUpstream(script));
  const { upstream: _, ...parts } = more;
  const logs: Record<string, unknown>[] = [];
  const ways: Way[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      logs.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const config = parseConfig({ QBRAID_API_URL: upstream.url, ...environment });
  const logger = createLogger({ logLevel: 'debug', destination });
  const gateway = createGateway({ config, environment, logger, clock, playground: null, ...parts });
  const serve = (lane: LaneListener) =>
    createHttpServer({
      gateway: { ...gateway, lane },
      http: config.http,
      // The time of a test goes on in leaps: nobody waits too long for that.
      arrivals: new Arrivals({ clock, maxWaitMs: Number.POSITIVE_INFINITY }),
      logger,
      clock,
    });
  const server = serve(gateway.lane);
  const yogaServer = serve(() => false);
  const wayOf = noteWays(gateway.fastLane);
  onTestFinished(async () => {
    if (more.upstream === undefined) await upstream.close();
    await gateway.close();
  });
  return {
    async query(
      query,
      {
        key = 'alice-key',
        keys,
        variables = {},
        parameters = {},
        headers = {},
        isByYoga = false,
        address,
        signal,
      } = {},
    ) {
      const response = await sendInMemory(isByYoga ? yogaServer : server, {
        headers: { 'content-type': 'application/json', ...credentialHeaders(key, keys), ...headers },
        body: JSON.stringify({ query, variables, ...parameters }),
        signal,
        address,
      });
      const answer = await json(response);
      ways.push(wayOf(response.headers['x-request-id']));
      return answer as Answer;
    },
    subscribe: async (operation) => toResponse(await sendInMemory(server, operation)),
    yoga: gateway.yoga,
    refuse: gateway.refuse,
    report: gateway.report,
    reloadKeyRings: gateway.reloadKeyRings,
    upstream,
    clock,
    ways,
    logs,
  };
}

/** An answer as clients of the Fetch API see it. Its body takes nothing ahead. */
function toResponse(answer: IncomingMessage): Response {
  const { statusCode: status = 0, headers } = answer;
  const body = Readable.toWeb(answer, { strategy: new CountQueuingStrategy({ highWaterMark: 0 }) });
  return new Response(body as ReadableStream, { status, headers: headers as Record<string, string> });
}

function credentialHeaders(key: string | null, keys: string | undefined): Record<string, string> {
  if (keys !== undefined) return { 'x-api-keys': keys };
  return key === null ? {} : { 'x-api-key': key };
}
