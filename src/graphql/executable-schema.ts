import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLScalarType, GraphQLSchema } from 'graphql';
import { DateTimeResolver, JSONObjectResolver, JSONResolver, SafeIntResolver } from 'graphql-scalars';
import type { GraphQLContext } from './graphql-context.ts';
import { jobResolvers } from './resolvers/job.ts';
import { jobConnectionResolvers, jobEdgeResolvers, jobSourceResolvers } from './resolvers/job-connection.ts';
import { queryResolvers } from './resolvers/query.ts';
import { subscriptionResolvers } from './resolvers/subscription.ts';
import type { Resolvers } from './schema.generated.ts';

/**
 * The types whose values have a property for each field. The generated types make sure of that, as they make sure that
 * each other type has a resolver for each field: a field without either would be null without an error.
 */
type PlainTypes = 'JobTimeStamps' | 'Device' | 'PageInfo' | 'JobSourceError' | 'RateLimit';

type Scalars = 'DateTime' | 'JSON' | 'JSONObject' | 'SafeInt';

const resolvers: Omit<Resolvers, PlainTypes | Scalars> = {
  Query: queryResolvers,
  Subscription: subscriptionResolvers,
  Node: { __resolveType: () => 'Job' },
  Job: jobResolvers,
  JobConnection: jobConnectionResolvers,
  JobEdge: jobEdgeResolvers,
  JobSource: jobSourceResolvers,
};

const scalars = {
  DateTime: functionsOf(DateTimeResolver),
  JSON: functionsOf(JSONResolver),
  JSONObject: functionsOf(JSONObjectResolver),
  SafeInt: functionsOf(SafeIntResolver),
};

/** The executable form of `schema.graphql`. It holds no state, so that all gateways of a process share it. */
export const executableSchema: GraphQLSchema = makeExecutableSchema<GraphQLContext>({
  typeDefs: readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
  resolvers: [resolvers, scalars],
});

/** Takes the functions of a scalar and leaves its description: `schema.graphql` has one in our own words. */
function functionsOf({ serialize, parseValue, parseLiteral }: GraphQLScalarType) {
  return { serialize, parseValue, parseLiteral };
}
