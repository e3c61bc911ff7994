// The parts of undici that the gateway uses. Its index also loads its `fetch`, which loads that of Node, its WebSocket,
// its caches and its mocks: a fifth of the start.

declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici';
  export = buildConnector;
}

declare module 'undici/lib/core/errors.js' {
  import { errors } from 'undici';
  export = errors;
}

declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export = Client;
}
