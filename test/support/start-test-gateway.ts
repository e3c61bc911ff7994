import { pino } from 'pino';
import type { TestContext } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startGateway } from '../../src/server/start-gateway.ts';
import type { Answer, QueryOptions } from './create-test-gateway.ts';
import { startScriptedUpstream, type UpstreamScript } from './scripted-upstream.ts';

/** A gateway on a socket and the real clock. */
export interface StartedGateway {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** The address of its metrics; null unless METRICS_PORT is set. */
  readonly metricsUrl: string | null;
  /** Executes an operation. */
  query(query: string, options?: QueryOptions): Promise<Answer>;
}

/**
 * Starts the gateway over a scripted upstream. Both end with the test, which is told by its context: where tests run
 * beside each other, nothing else tells which of them is meant.
 */
export async function startTestGateway(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  script: UpstreamScript,
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedGateway> {
  const upstream = await startScriptedUpstream(script);
  // The tests beside it make its event loop late.
  const own = { PORT: '0', MAX_EVENT_LOOP_DELAY_MS: '600000' };
  const config = parseConfig({ QBRAID_API_URL: upstream.url, ...own, ...environment });
  const logger = pino({ level: 'silent' });
  const gateway = await startGateway({ config, logger, clock: systemClock, playground: null });
  onTestFinished(async () => {
    await upstream.close();
    await gateway.close();
  });
  return {
    url: gateway.url,
    metricsUrl: gateway.metricsUrl,
    async query(query, { key = 'alice-key', keys, variables = {}, headers = {} } = {}) {
      const credential: Record<string, string> =
        keys === undefined ? { 'x-api-key': key ?? '' } : { 'x-api-keys': keys };
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...credential, ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
  };
}
