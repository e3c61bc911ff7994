import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/parse-config.ts';
import { noTracing, type Tracing } from '../../src/lib/tracing.ts';
import { createGateway } from '../../src/server/create-gateway.ts';
import { Arrivals } from '../../src/server/http/arrivals.ts';
import { createHttpServer } from '../../src/server/http/create-http-server.ts';
import type { GatewayObserver } from '../../src/server/records/gateway-observer.ts';
import type { EndedRequest } from '../../src/server/records/request-record.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { startScriptedUpstream, type UpstreamScript } from './scripted-upstream.ts';

/** The ways by which a request may be answered: by Yoga alone, by the fast lane, and by the fast lane with its answers. */
export const WAYS = ['yoga', 'uncached', 'cached'] as const;

export type Way = (typeof WAYS)[number];

/** An answer as it came over the wire, without what is another at each time. */
export interface WireAnswer {
  readonly status: string;
  /** Sorted. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** What came back, what the gateway asked upstream for it, and what it told its observers. */
export interface Exchange {
  readonly answers: readonly WireAnswer[];
  /** The paths, sorted. */
  readonly asked: readonly string[];
  /** The errors that were counted, and how the requests ended, without times. */
  readonly told: readonly unknown[];
}

/** A request whose answers may go on for as long as its client stays. */
export interface OpenExchange {
  /** What came back until now. */
  soFar(): Readonly<Record<Way, readonly WireAnswer[]>>;
  /** Sends more in each way. */
  send(text: string): void;
  /** Whether the gateway has closed the connection. */
  isClosed(): Readonly<Record<Way, boolean>>;
  /** Leaves in each way. */
  leave(): void;
}

/** The same gateway in each of the ways, on sockets. Each has an upstream and a clock of its own, which stands still. */
export interface Lanes {
  /** Sends the same bytes in each way, so many parts one after the other, and gives what came back until it was closed. */
  send(parts: readonly string[]): Promise<Readonly<Record<Way, Exchange>>>;
  /** Begins to send the same bytes in each way, on a connection of its own that stays open. */
  open(text: string): OpenExchange;
  /** Waits until no gateway has a request to its upstream under way. */
  settle(): Promise<void>;
  /** The address of the GraphQL endpoint in this way. */
  urlOf(way: Way): string;
  /** How many operations are open in this way. */
  operationsOf(way: Way): number;
  advance(ms: number): void;
  close(): Promise<void>;
}

export async function openLanes(
  script: UpstreamScript,
  environment: Readonly<Record<string, string>> = {},
  tracingOf: (way: Way) => Tracing = () => noTracing,
): Promise<Lanes> {
  const opened = await Promise.all(WAYS.map((way) => openWay(way, script, environment, tracingOf(way))));
  const [yoga, uncached, cached] = opened as [OpenWay, OpenWay, OpenWay];
  const ways = { yoga, uncached, cached };
  return {
    async send(parts) {
      const [byYoga, byLane, byCache] = await Promise.all([
        yoga.exchange(parts),
        uncached.exchange(parts),
        cached.exchange(parts),
      ]);
      return { yoga: byYoga, uncached: byLane, cached: byCache };
    },
    open(text) {
      const clients = { yoga: yoga.open(text), uncached: uncached.open(text), cached: cached.open(text) };
      return {
        soFar: () => ({
          yoga: clients.yoga.soFar(),
          uncached: clients.uncached.soFar(),
          cached: clients.cached.soFar(),
        }),
        send(more) {
          for (const { socket } of Object.values(clients)) socket.write(more, 'latin1');
        },
        isClosed: () => ({
          yoga: clients.yoga.socket.closed,
          uncached: clients.uncached.socket.closed,
          cached: clients.cached.socket.closed,
        }),
        leave() {
          for (const { socket } of Object.values(clients)) socket.destroy();
        },
      };
    },
    async settle() {
      do await setImmediate();
      while (opened.some(({ clock }) => clock.pendingFor(TIMEOUT_MS) > 0));
    },
    urlOf: (way) => `http://127.0.0.1:${ways[way].port}/graphql`,
    operationsOf: (way) => ways[way].report().open.operations,
    advance(ms) {
      for (const { clock } of opened) clock.advance(ms);
    },
    async close() {
      await Promise.all(opened.map(({ close }) => close()));
    },
  };
}

/** The ordinary `UPSTREAM_TIMEOUT_MS`: each request to upstream has a call scheduled for then. */
const TIMEOUT_MS = 20_000;

type OpenWay = Awaited<ReturnType<typeof openWay>>;

async function openWay(
  way: Way,
  script: UpstreamScript,
  environment: Readonly<Record<string, string>>,
  tracing: Tracing,
) {
  const clock: FakeClock = createFakeClock();
  const upstream = await startScriptedUpstream(script);
  const config = parseConfig({
    QBRAID_API_URL: upstream.url,
    ...environment,
    ...(way === 'cached' ? {} : { ANSWER_CACHE_BYTES: '0' }),
  });
  const logger = pino({ level: 'silent' });
  const told: unknown[] = [];
  const observer: GatewayObserver = {
    errorSent: (error) => void told.push(error),
    requestEnded: (request) => void told.push(toTold(request)),
  };
  const gateway = createGateway({
    config,
    environment,
    logger,
    clock,
    playground: null,
    tracing,
    observers: [observer],
  });
  const server = createHttpServer({
    gateway: way === 'yoga' ? { ...gateway, lane: () => false } : gateway,
    http: config.http,
    arrivals: new Arrivals({ clock, maxWaitMs: 600_000 }),
    logger,
    clock,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    clock,
    port,
    report: gateway.report,
    open: (text: string) => openSocket(port, text),
    async exchange(parts: readonly string[]): Promise<Exchange> {
      const before = upstream.requests.length;
      const answers = await exchange(port, parts);
      const asked = upstream.requests.slice(before).map(({ path }) => path);
      return { answers, asked: asked.toSorted(), told: told.splice(0) };
    },
    async close() {
      await upstream.close();
      server.close();
      server.closeAllConnections();
      await gateway.close();
    },
  };
}

function toTold({ operation, outcome, status, errorCodes, keys, reads }: EndedRequest) {
  return { operation, outcome, status, errorCodes: [...errorCodes], keys, reads: { ...reads } };
}

/** Sends the parts over a connection of its own, each in a packet of its own, and reads until the server closes it. */
async function exchange(port: number, parts: readonly string[]): Promise<readonly WireAnswer[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    // Yoga keeps the connection of an event stream open, whatever its client says.
    if (text.endsWith('\r\n0\r\n\r\n')) socket.end();
  });
  // A connection that the server closes while the client sends is reset.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const [index, part] of parts.entries()) {
    if (index > 0) await setImmediate();
    socket.write(part, 'latin1');
  }
  await closed;
  return parseAnswers(text);
}

/** Sends this over a connection of its own. */
function openSocket(port: number, sent: string) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(sent, 'latin1');
  return { socket, soFar: () => parseAnswers(text) };
}

function parseAnswers(text: string): readonly WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return [...answers, { status: rest, headers: [], body: '' }];
    const [status = '', ...lines] = rest.slice(0, end).split('\r\n');
    const isInterim = status.startsWith('HTTP/1.1 1');
    const { body, length } = isInterim ? { body: '', length: 0 } : readBody(rest.slice(end + 4), lines);
    answers.push({ status, headers: lines.map(toComparable).toSorted(), body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/** Lower-cases the name of a header, and leaves out the time and ids that the gateway made up. */
function toComparable(line: string): string {
  const [name = '', ...value] = line.split(': ');
  const lower = name.toLowerCase();
  if (lower === 'date') return lower;
  return `${lower}: ${value.join(': ').replace(/[\da-f]{8}-[\da-f]{4}-4[\da-f-]{21}/, 'made up')}`;
}

function readBody(text: string, headers: readonly string[]): { body: string; length: number } {
  const length = headers.find((line) => /^content-length:/i.test(line))?.split(': ')[1];
  if (length !== undefined) return { body: text.slice(0, Number(length)), length: Number(length) };
  if (!headers.some((line) => /^transfer-encoding: chunked/i.test(line))) {
    return { body: text, length: text.length };
  }
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (lineEnd === -1 || !(size > 0)) return { body, length: lineEnd === -1 ? text.length : lineEnd + 4 };
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}
