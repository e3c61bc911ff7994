import type { Config } from './config/config.ts';
import { findUnknownVariables } from './config/find-unknown-variables.ts';
import { parseConfig } from './config/parse-config.ts';
import { wantsTracing } from './config/wants-tracing.ts';
import { blameVariable } from './lib/blame-variable.ts';
import { systemClock } from './lib/clock.ts';
import { GatewayError } from './lib/gateway-error.ts';
import type { FullLogger } from './lib/logger.ts';
import { toError } from './lib/to-error.ts';
import { LogWriter } from './server/log-writer.ts';

/** Something that runs until it is closed. */
interface Running {
  /** Resolves with how many requests were cut off. */
  close(): Promise<number>;
  /** Reads again what may be read again. @default nothing */
  reload?(): void;
}

/** A shell and npm both pass on the same Ctrl-C, within milliseconds. Nobody presses it twice so fast. */
const SAME_SIGNAL_MS = 250;

/** Each loads only what it needs: a wrong environment is told at once, and the sandbox starts without the gateway. */
const commands = { gateway: runGateway, sandbox: runSandbox, demo: runDemo };

/** What is only printed. */
const answers = {
  '--help': describe,
  '-h': describe,
  '--version': tellVersion,
  '-V': tellVersion,
};

async function describe(): Promise<string> {
  return (await import('./config/describe-program.ts')).describeProgram();
}

async function tellVersion(): Promise<string> {
  return (await import('./config/read-version.ts')).readVersion();
}

async function runGateway(config: Config): Promise<Running> {
  const { startGateway } = await import('./server/start-gateway.ts');
  const logger = await openLogger(config);
  const playground = config.exposure.graphiql ? { keys: [], variables: {} } : null;
  const traces = await openTracing(logger);
  const gateway = await startGateway({
    config,
    environment: process.env,
    logger,
    clock: systemClock,
    playground,
    ...(traces === null ? {} : { tracing: traces.tracing }),
  });
  logger.info(
    { url: gateway.url, metrics: gateway.metricsUrl ?? undefined, upstream: config.qbraidApiUrl },
    'gateway listens',
  );
  return {
    reload: gateway.reloadKeyRings,
    async close() {
      const cut = await gateway.close();
      await traces?.close();
      return cut;
    },
  };
}

async function runSandbox({ host, sandboxPort, sandboxShape }: Config): Promise<Running> {
  const { startSandbox } = await import('./sandbox/start-sandbox.ts');
  const sandbox = await startSandbox({ host, port: sandboxPort, shape: sandboxShape }).catch(
    blameVariable('SANDBOX_PORT'),
  );
  const keys = sandbox.keys.map(({ label, key }) => `  ${label.padEnd(10)} ${key}`);
  const faultKeys = sandbox.faultKeys.map(({ key, effect }) => `  ${key.padEnd(16)} ${effect}`);
  console.log(
    [
      `The sandbox of the qBraid API listens at ${sandbox.url}. Its keys:`,
      ...keys,
      'Keys whose requests go wrong:',
      ...faultKeys,
    ].join('\n'),
  );
  return { close: () => sandbox.close().then(() => 0) };
}

async function runDemo(config: Config): Promise<Running> {
  const { startDemo } = await import('./demo/start-demo.ts');
  const demo = await startDemo({
    config,
    environment: process.env,
    logger: await openLogger(config),
    clock: systemClock,
  });
  console.log(demo.introduction);
  return demo;
}

/** Opens the log, and logs in it what is wrong with the environment, and what ends the process. */
async function openLogger({ logLevel }: Config): Promise<FullLogger> {
  const { createLogger } = await import('./server/create-logger.ts');
  const destination = await openLogDestination((lines) =>
    logger.warn({ lines }, 'log lines were left out: the disk was full, or nobody read them'),
  );
  const logger = createLogger({ logLevel, destination });
  for (const text of findUnknownVariables(process.env)) logger.warn(text);
  // Rejections that nobody handles come here too. After such a fault nothing is sure any more.
  process.on('uncaughtException', (thrown) => {
    logger.fatal({ err: withoutFacts(thrown) }, 'the process ends: nothing caught this error');
    // In a terminal the line is written after this turn of the event loop.
    setImmediate(() => process.exit(1));
  });
  return logger;
}

/** Standard output: in a terminal as text for people. */
async function openLogDestination(onLoss: (lines: number) => void) {
  // What makes lines for people is loaded where people read them.
  if (process.stdout.isTTY) return (await import('./server/open-terminal.ts')).openTerminal();
  const writer = new LogWriter({ fd: process.stdout.fd, clock: systemClock, onLoss });
  process.on('exit', () => writer.flushSync());
  return writer;
}

/** An error without the data that it carries, which may be a request with its key. */
function withoutFacts(thrown: unknown): Error {
  const { name, message, stack } = toError(thrown, `something that is no error was thrown: ${typeof thrown}`);
  return Object.assign(new Error(message), { name, stack });
}

/** OpenTelemetry takes a while to load: only where the environment asks for traces. */
async function openTracing(logger: FullLogger) {
  if (!wantsTracing(process.env)) return null;
  const { startTracing } = await import('./server/tracing/start-tracing.ts');
  return startTracing({ clock: systemClock, logger });
}

/**
 * Closes what runs on the first signal, also if it is still starting: exit code 0 if every request was answered, 1 if
 * some were cut off. A second signal ends the process at once, with the exit code that shells give to that signal.
 */
function closeOnSignal(starting: Promise<Running>): void {
  let firstAtMs: number | null = null;
  const close = async (_: NodeJS.Signals, number: number) => {
    if (firstAtMs !== null) {
      if (systemClock.now() - firstAtMs >= SAME_SIGNAL_MS) process.exit(128 + number);
      return;
    }
    firstAtMs = systemClock.now();
    const running = await starting.catch(() => null);
    // What could not start is explained where it was started.
    if (running === null) return;
    process.exit((await running.close()) > 0 ? 1 : 0);
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}

/** Also while it is still starting. */
function reloadOnSignal(starting: Promise<Running>): void {
  process.on('SIGHUP', async () => {
    const running = await starting.catch(() => null);
    running?.reload?.();
  });
}

/** Why a server cannot listen. */
interface ListenError extends NodeJS.ErrnoException {
  readonly address?: string;
  /** The name that no address was found for. */
  readonly hostname?: string;
  readonly port?: number;
  /** See `blameVariable`. */
  readonly variable?: string;
}

/** Explains an error that the user can fix, one line for each fault. Any other error is ours, and is shown whole. */
function explain(error: unknown): unknown {
  if (error instanceof GatewayError) return error.message;
  const { code, port, variable = 'PORT', hostname, address = hostname } = error as ListenError;
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${address} is taken: end what listens there, or set another ${variable}.`;
  if (code === 'EACCES') return `Port ${port} of ${address} may not be used: set a ${variable} above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `HOST must be an address of this machine, got ${address} (${code}): set 127.0.0.1 for this machine alone, or 0.0.0.0 for others too.`;
  return error;
}

/** Runs the command that the program was started with. */
async function run(): Promise<void> {
  const name = process.argv[2] ?? 'gateway';
  if (Object.hasOwn(answers, name)) {
    console.log(await answers[name as keyof typeof answers]());
    return;
  }
  if (!Object.hasOwn(commands, name)) {
    throw new GatewayError(
      'invalid-config',
      `The command must be one of ${Object.keys(commands).join(', ')}, got ${name}. --help explains them.`,
    );
  }
  const config = parseConfig(process.env);
  const starting = commands[name as keyof typeof commands](config);
  closeOnSignal(starting);
  // Otherwise the signal ends the process, as it does with most programs.
  if (config.clients.keyRingsPath !== null) reloadOnSignal(starting);
  await starting;
}

run().catch((error) => {
  console.error(explain(error));
  process.exit(1);
});
