// As Apollo's documentation has it: a data source for each request over the server's cache. That cache keeps what upstream's
// `Cache-Control` allows, which is nothing here. Within a request, requests for the same address are sent once.
import { Agent } from 'node:http';
import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import DataLoader from 'dataloader';
import Fastify from 'fastify';
import { ADDRESS, UPSTREAM_CONNECTIONS, UPSTREAM_URL } from './environment.mjs';
import { resolvers, typeDefs } from './schema.mjs';

/** Without an agent of its own, the data source's node-fetch opens a connection for each request. */
const agent = new Agent({ keepAlive: true, maxSockets: UPSTREAM_CONNECTIONS });

class QbraidApi extends RESTDataSource {
  baseURL = `${UPSTREAM_URL}/`;
  jobs = new DataLoader((qrns) => Promise.all(qrns.map((qrn) => this.readJob(qrn).catch((error) => error))));

  constructor(key, cache) {
    super({ cache });
    this.key = key;
  }

  willSendRequest(_, request) {
    request.headers['x-api-key'] = this.key;
    request.agent = agent;
  }

  async readJob(qrn) {
    return (await this.get(`jobs/${encodeURIComponent(qrn)}`)).data;
  }

  listJobs(first) {
    return this.get('jobs', { params: { page: '1', limit: String(first) } });
  }
}

const app = Fastify();
const server = new ApolloServer({ typeDefs, resolvers, plugins: [fastifyApolloDrainPlugin(app)] });
await server.start();
app.post(
  '/graphql',
  fastifyApolloHandler(server, {
    context: async (request) => {
      const api = new QbraidApi(request.headers['x-api-key'], server.cache);
      return { loadJob: (qrn) => api.jobs.load(qrn), listJobs: (first) => api.listJobs(first) };
    },
  }),
);
await app.listen(ADDRESS);
