import type { ClientConfig, Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { blameVariable } from '../lib/blame-variable.ts';
import type { Clock } from '../lib/clock.ts';
import type { FullLogger } from '../lib/logger.ts';
import { startSandbox } from '../sandbox/start-sandbox.ts';
import { startGateway } from '../server/start-gateway.ts';
import { findLiveJob } from './find-live-job.ts';
import { introduceDemo } from './introduce-demo.ts';

export interface DemoOptions {
  /** Its `qbraidApiUrl` is ignored: the demo uses its own sandbox. */
  readonly config: Config;
  /** See `GatewayOptions`. */
  readonly environment: Environment;
  readonly logger: FullLogger;
  readonly clock: Clock;
}

/** A running demo. */
export interface RunningDemo {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** The text for the person who started it. */
  readonly introduction: string;
  /** See `Gateway.reloadKeyRings`. */
  reload(): void;
  /** Closes the gateway, then the sandbox. Resolves with how many requests were cut off. */
  close(): Promise<number>;
}

/**
 * Starts the gateway over a sandbox of the qBraid API, with a key and a job filled into all examples.
 *
 * @throws the error of the system if one of them cannot listen.
 */
export async function startDemo({ config, environment, logger, clock }: DemoOptions): Promise<RunningDemo> {
  const { host, sandboxPort, sandboxShape } = config;
  const sandbox = await startSandbox({ host, port: sandboxPort, shape: sandboxShape }).catch(
    blameVariable('SANDBOX_PORT'),
  );
  const qrn = await findLiveJob(sandbox.url, sandbox.keys[0]?.key ?? '');
  const gateway = await startGateway({
    config: { ...config, qbraidApiUrl: sandbox.url, clients: allowLocalPages(config.clients) },
    environment,
    logger,
    clock,
    playground: { keys: sandbox.keys, variables: { qrn } },
  });
  return {
    url: gateway.url,
    introduction: introduceDemo({
      url: gateway.url,
      sandboxUrl: sandbox.url,
      keys: sandbox.keys,
      qrn,
      faultKeys: sandbox.faultKeys,
    }),
    reload: gateway.reloadKeyRings,
    async close() {
      const cut = await gateway.close();
      await sandbox.close();
      return cut;
    },
  };
}

/** The origins of pages that somebody develops on this machine, whatever the port of their server. */
const LOCAL_ORIGINS = ['http://localhost:*', 'http://127.0.0.1:*', 'http://[::1]:*'];

/** Pages that are developed against the demo call it from origins of their own. Its keys are no secret. */
function allowLocalPages(clients: ClientConfig): ClientConfig {
  return { ...clients, corsOrigins: [...clients.corsOrigins, ...LOCAL_ORIGINS] };
}
