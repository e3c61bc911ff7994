// A server between browsers and the gateway: it knows who is signed in, and adds that user's qBraid key to each request.
// So no browser ever holds a key. docs/browsers.md says when to use it.
import { createServer, request } from 'node:http';

/**
 * Makes a server that forwards operations, subscriptions too. `gatewayUrl` is the address of the gateway, such as
 * `http://127.0.0.1:4000/graphql`. `findKey(request)` gives the key of the user who is signed in, or null; mostly it looks
 * up the session cookie. Behind it, `TRUSTED_PROXIES` of the gateway should name the address of this server.
 */
export function createSessionServer({ gatewayUrl, findKey }) {
  return createServer(async (incoming, outgoing) => {
    const key = await findKey(incoming);
    if (incoming.method !== 'POST' || key === null) {
      outgoing.writeHead(key === null ? 401 : 405).end();
      return;
    }
    // The gateway needs no cookie, and a browser must not choose the keys or a key ring.
    const { cookie, host, authorization, 'x-api-keys': keys, ...headers } = incoming.headers;
    const forwarded = request(gatewayUrl, {
      method: 'POST',
      headers: { ...headers, 'x-api-key': key, 'x-forwarded-for': incoming.socket.remoteAddress },
    });
    forwarded.on('response', (response) => {
      outgoing.writeHead(response.statusCode, response.headers);
      response.pipe(outgoing);
    });
    forwarded.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
    // A stream ends when its reader leaves.
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
}
