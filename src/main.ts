import { type Config, InvalidConfigError, parseConfig } from './config.ts';
import { introduceDemo } from './demo/introduce-demo.ts';
import { systemClock } from './lib/clock.ts';
import { startSandbox } from './sandbox/start-sandbox.ts';
import { createLogger } from './server/create-logger.ts';
import type { Playground } from './server/playground.ts';
import { type RunningGateway, startGateway } from './server/start-gateway.ts';

/** What runs until it is closed. */
interface Running {
  close(): Promise<void>;
}

const commands = { gateway: runGateway, sandbox: runSandbox, demo: runDemo };

async function runGateway(config: Config): Promise<Running> {
  return start(config, config.graphiql ? { apiKey: '', variables: {} } : null);
}

async function runSandbox({ host, sandboxPort, sandboxShape }: Config): Promise<Running> {
  const sandbox = await startSandbox({ host, port: sandboxPort, shape: sandboxShape });
  const keys = sandbox.keys.map(({ label, key }) => `  ${label.padEnd(10)} ${key}`);
  console.log([`The sandbox of the qBraid API listens at ${sandbox.url}. Its keys:`, ...keys].join('\n'));
  return sandbox;
}

async function runDemo(config: Config): Promise<Running> {
  const { host, sandboxPort, sandboxShape } = config;
  const sandbox = await startSandbox({ host, port: sandboxPort, shape: sandboxShape });
  const apiKey = sandbox.keys[0]?.key ?? '';
  const gateway = await start(
    { ...config, qbraidApiUrl: sandbox.url },
    { apiKey, variables: { qrn: await newestJob(sandbox.url, apiKey) } },
    apiKey,
  );
  console.log(introduceDemo({ url: gateway.url, sandboxUrl: sandbox.url, keys: sandbox.keys }));
  return {
    async close() {
      await gateway.close();
      await sandbox.close();
    },
  };
}

async function start(
  config: Config,
  playground: Playground | null,
  exampleKey?: string,
): Promise<RunningGateway> {
  const logger = createLogger({ logLevel: config.logLevel, isTerminal: process.stdout.isTTY });
  const gateway = await startGateway({ config, logger, clock: systemClock, playground, exampleKey });
  logger.info({ url: gateway.url, upstream: config.qbraidApiUrl }, 'gateway listens');
  return gateway;
}

async function newestJob(sandboxUrl: string, apiKey: string): Promise<string> {
  const response = await fetch(`${sandboxUrl}/jobs?limit=1`, { headers: { 'x-api-key': apiKey } });
  const { data } = (await response.json()) as { data: { jobQrn: string }[] };
  return data[0]?.jobQrn ?? '';
}

/**
 * Ends what runs, or is about to, on the first signal. Later ones change nothing: shells and npm may both pass on the
 * same Ctrl-C.
 */
function closeOnSignal(starting: Promise<Running>): void {
  let isClosing = false;
  const close = async () => {
    if (isClosing) return;
    isClosing = true;
    const running = await starting;
    await running.close();
    process.exit(0);
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}

/** One clear line, or one for each fault, where somebody can mend it; the whole error where it is ours. */
function explain(error: unknown): unknown {
  if (error instanceof InvalidConfigError) return error.message;
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${address} is taken: end what listens there, or set another PORT.`;
  if (code === 'EACCES') return `Port ${port} of ${address} may not be used: set a PORT above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `HOST is no address of this machine (${code}).`;
  return error;
}

try {
  const name = process.argv[2] ?? 'gateway';
  if (!Object.hasOwn(commands, name)) {
    throw new InvalidConfigError(
      `The command must be one of ${Object.keys(commands).join(', ')}, got ${name}.`,
    );
  }
  const starting = commands[name as keyof typeof commands](parseConfig(process.env));
  closeOnSignal(starting);
  await starting;
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
