import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { ADDRESS } from './environment.mjs';
import { resolvers, typeDefs } from './schema.mjs';
import { createContext } from './undici-context.mjs';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => createContext(request.headers.get('x-api-key')),
  logging: 'warn',
});
createServer(yoga).listen(ADDRESS);
