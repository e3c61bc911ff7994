import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLScalarType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { DateTimeResolver, JSONObjectResolver, JSONResolver, SafeIntResolver } from 'graphql-scalars';
import { packageUrl } from '../lib/package-url.ts';
import { deviceResolvers } from './resolvers/device.ts';
import { jobResolvers } from './resolvers/job.ts';
import { jobConnectionResolvers, jobEdgeResolvers, jobSourceResolvers } from './resolvers/job-connection.ts';
import { jobCountsResolvers } from './resolvers/job-counts.ts';
import { jobResultResolvers } from './resolvers/job-result.ts';
import { cancelJobPayloadResolvers, mutationResolvers } from './resolvers/mutation.ts';
import { queryResolvers } from './resolvers/query.ts';
import { subscriptionResolvers } from './resolvers/subscription.ts';
import type { Resolvers } from './schema.generated.ts';

/**
 * The types whose values have a property for each field. The generated types make sure of that, as they make sure that
 * each other type has a resolver for each field: a field without either would be null without an error.
 */
type PlainTypes =
  | 'JobTimeStamps'
  | 'MeasurementCount'
  | 'DevicePricing'
  | 'JobStatusCount'
  | 'PageInfo'
  | 'JobSourceError'
  | 'RateLimit';

type Scalars = 'DateTime' | 'JSON' | 'JSONObject' | 'SafeInt';

const resolvers: Omit<Resolvers, PlainTypes | Scalars | 'Node'> = {
  Query: queryResolvers,
  Mutation: mutationResolvers,
  CancelJobPayload: cancelJobPayloadResolvers,
  Subscription: subscriptionResolvers,
  Job: jobResolvers,
  JobResult: jobResultResolvers,
  JobCounts: jobCountsResolvers,
  Device: deviceResolvers,
  JobConnection: jobConnectionResolvers,
  JobEdge: jobEdgeResolvers,
  JobSource: jobSourceResolvers,
};

const scalars = {
  DateTime: DateTimeResolver,
  JSON: JSONResolver,
  JSONObject: JSONObjectResolver,
  SafeInt: SafeIntResolver,
};

/** The executable form of `schema.graphql`. It holds no state, so that all gateways of a process share it. */
export const executableSchema: GraphQLSchema = addResolvers(
  buildSchema(readFileSync(packageUrl('schema.graphql'), 'utf8'), {
    // A test makes sure that it is valid. To find that out anew takes longer than to make it.
    assumeValid: true,
    assumeValidSDL: true,
    noLocation: true,
  }),
);

function addResolvers(schema: GraphQLSchema): GraphQLSchema {
  const resolversOf = new Map<string, object>(Object.entries(resolvers));
  const scalarOf = new Map(Object.entries(scalars));
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) type.resolveType = () => 'Job';
    if (isScalarType(type)) Object.assign(type, functionsOf(scalarOf.get(type.name) ?? type));
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    for (const [name, resolver] of Object.entries(resolversOf.get(type.name) ?? {})) {
      Object.assign(fields[name] ?? {}, typeof resolver === 'function' ? { resolve: resolver } : resolver);
    }
  }
  return schema;
}

/** Takes the functions of a scalar and leaves its description: `schema.graphql` has one in our own words. */
function functionsOf({ serialize, parseValue, parseLiteral }: GraphQLScalarType) {
  return { serialize, parseValue, parseLiteral };
}
