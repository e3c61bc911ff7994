import type { Dispatcher } from 'undici';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import type { UpstreamConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { createTunnelConnector } from './create-tunnel-connector.ts';
import { MAX_UPSTREAM_BYTES } from './exchange.ts';
import { findProxy } from './find-proxy.ts';

/** A dispatcher that has at most one connection. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  /** Whether another request may use it. */
  readonly isOpen: () => boolean;
}

/**
 * Opens a connection with its first request.
 *
 * @param onClose is called when it closes by itself.
 */
export type Connect = (onClose: () => void) => Connection;

export interface ConnectOptions
  extends Pick<UpstreamConfig, 'connectTimeoutMs' | 'headersTimeoutMs' | 'bodyTimeoutMs' | 'proxy'> {
  /** Where to connect to: the path does not matter. */
  readonly url: string;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
}

/** Upstream may ask to keep idle connections longer than undici's 4 s, but not longer than this: they hold a key. */
const MAX_IDLE_MS = 30_000;

/**
 * Makes what opens connections to upstream, through a proxy where one is configured for it. Idle connections close after
 * at most `MAX_IDLE_MS`, and do not keep the process alive. TLS certificates are always checked, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says.
 */
export function createConnect({ url, proxy, clock, ...times }: ConnectOptions): Connect {
  const { connectTimeoutMs: timeoutMs, headersTimeoutMs, bodyTimeoutMs } = times;
  const address = new URL(url);
  const ownProxy = findProxy(address, proxy);
  const options = {
    maxResponseSize: MAX_UPSTREAM_BYTES,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    keepAliveMaxTimeout: MAX_IDLE_MS,
    // Shared, so that a new connection can resume a TLS session.
    connect:
      ownProxy === null
        ? buildConnector({ timeout: timeoutMs, rejectUnauthorized: true })
        : createTunnelConnector({ proxy: ownProxy, timeoutMs, clock }),
  };
  return (onClose) => {
    const client = new Client(address.origin, options);
    client.on('disconnect', onClose);
    return { dispatcher: client, isOpen: () => client.stats.connected };
  };
}
