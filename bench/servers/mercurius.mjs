import Fastify from 'fastify';
import mercurius from 'mercurius';
import { ADDRESS } from './environment.mjs';
import { resolvers, typeDefs } from './schema.mjs';
import { createContext } from './undici-context.mjs';

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  // A document is compiled by graphql-jit when it comes again.
  jit: 1,
  context: (request) => createContext(request.headers['x-api-key']),
});
await app.listen(ADDRESS);
