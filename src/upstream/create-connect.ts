import type { Dispatcher } from 'undici';
import connectThrough from 'undici/lib/api/api-connect.js';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import AnyDispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import type { UpstreamConfig } from '../config/config.ts';
import { MAX_UPSTREAM_BYTES } from './exchange.ts';

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
}

/** Upstream may ask to keep idle connections longer than undici's 4 s, but not longer than this: they hold a key. */
const MAX_IDLE_MS = 30_000;

/**
 * Makes what opens connections to upstream, through a proxy where one is configured for it. Idle connections close after
 * at most `MAX_IDLE_MS`, and do not keep the process alive. TLS certificates are always checked.
 */
export function createConnect(options: ConnectOptions): Connect {
  const { url, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs, proxy } = options;
  const { origin } = new URL(url);
  const limits = {
    maxResponseSize: MAX_UPSTREAM_BYTES,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    keepAliveMaxTimeout: MAX_IDLE_MS,
  };

  if (proxy.http !== null || proxy.https !== null) {
    // The index of undici does this. Its proxies ask for a tunnel so.
    Object.assign(AnyDispatcher.prototype, { connect: connectThrough });
    const proxies = { httpProxy: proxy.http ?? '', httpsProxy: proxy.https ?? '', noProxy: proxy.except };
    return () => {
      const connect = { timeout: connectTimeoutMs };
      const dispatcher = new EnvHttpProxyAgent({ ...limits, ...proxies, connect, connections: 1 });
      // It opens a new connection by itself where the last one was closed.
      return { dispatcher, isOpen: () => true };
    };
  }

  // Shared, so that a new connection can resume a TLS session.
  const connect = buildConnector({ timeout: connectTimeoutMs });
  return (onClose) => {
    const client = new Client(origin, { ...limits, connect });
    client.on('disconnect', onClose);
    return { dispatcher: client, isOpen: () => client.stats.connected };
  };
}
