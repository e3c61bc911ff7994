import type { Config } from './config/config.ts';
import { parseConfig } from './config/parse-config.ts';
import { systemClock } from './lib/clock.ts';
import { GatewayError } from './lib/gateway-error.ts';
import type { Logger } from './lib/logger.ts';

/** Something that runs until it is closed. */
interface Running {
  close(): Promise<void>;
}

/** Each loads only what it needs: a wrong environment is told at once, and the sandbox starts without the gateway. */
const commands = { gateway: runGateway, sandbox: runSandbox, demo: runDemo };

async function runGateway(config: Config): Promise<Running> {
  const { startGateway } = await import('./server/start-gateway.ts');
  const logger = await openLogger(config);
  const playground = config.exposure.graphiql ? { apiKey: '', variables: {} } : null;
  const gateway = await startGateway({ config, logger, clock: systemClock, playground });
  logger.info({ url: gateway.url, upstream: config.qbraidApiUrl }, 'gateway listens');
  return gateway;
}

async function runSandbox({ host, sandboxPort, sandboxShape }: Config): Promise<Running> {
  const { startSandbox } = await import('./sandbox/start-sandbox.ts');
  const sandbox = await startSandbox({ host, port: sandboxPort, shape: sandboxShape });
  const keys = sandbox.keys.map(({ label, key }) => `  ${label.padEnd(10)} ${key}`);
  console.log([`The sandbox of the qBraid API listens at ${sandbox.url}. Its keys:`, ...keys].join('\n'));
  return sandbox;
}

async function runDemo(config: Config): Promise<Running> {
  const { startDemo } = await import('./demo/start-demo.ts');
  const demo = await startDemo({ config, logger: await openLogger(config), clock: systemClock });
  console.log(demo.introduction);
  return demo;
}

async function openLogger({ logLevel }: Config): Promise<Logger> {
  const { createLogger } = await import('./server/create-logger.ts');
  return createLogger({ logLevel, isTerminal: process.stdout.isTTY });
}

/**
 * Closes what runs on the first signal, also if it is still starting. Later signals are ignored: a shell and npm may
 * both pass on the same Ctrl-C.
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

/** Explains an error that the user can fix, one line for each fault. Any other error is ours, and is shown whole. */
function explain(error: unknown): unknown {
  if (error instanceof GatewayError) return error.message;
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
    throw new GatewayError(
      'invalid-config',
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
