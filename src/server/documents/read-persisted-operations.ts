import { type GraphQLSchema, validate } from 'graphql';
import * as z from 'zod/mini';
import { readNamedFile } from '../../config/read-named-file.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { parseJson } from '../../lib/parse-json.ts';
import { type DocumentLimits, parseDocument } from './parse-document.ts';

/** The documents of persisted operations by their ids. */
export type PersistedOperations = ReadonlyMap<string, string>;

/** How many faults are told at once. */
const MAX_FAULTS = 10;

const byId = z.record(z.string(), z.string());

const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});

const FORMATS =
  '{"<id>": "<document>"}, as Relay and GraphQL Code Generator write it, or Apollo\'s {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "name", "type", "body"}]}';

export interface PersistedOperationsOptions {
  /** The manifest; null is none. */
  readonly path: string | null;
  readonly schema: GraphQLSchema;
  readonly limits: DocumentLimits;
}

/**
 * Reads the manifest of the persisted operations, and checks each as it would be checked when a client sent it.
 *
 * @throws {GatewayError} `invalid-config` if the file cannot be read, has no known format, or has an operation that does
 * not keep to the limits or to the schema.
 */
export function readPersistedOperations({
  path,
  schema,
  limits,
}: PersistedOperationsOptions): PersistedOperations {
  if (path === null) return new Map();
  const operations = toOperations(parseJson(readNamedFile('PERSISTED_OPERATIONS', path)));
  const faults = [...operations].flatMap(([id, text]) => {
    const fault = findFault(text, schema, limits);
    return fault === null ? [] : [`  operation ${JSON.stringify(id)}: ${fault}`];
  });
  if (faults.length === 0) return operations;
  const shown = faults.slice(0, MAX_FAULTS).join('\n');
  throw new GatewayError(
    'invalid-config',
    `PERSISTED_OPERATIONS has ${faults.length} operation(s) that could never be executed:\n${shown}`,
  );
}

function toOperations(manifest: unknown): PersistedOperations {
  const ofApollo = apolloManifest.safeParse(manifest);
  if (ofApollo.success) return new Map(ofApollo.data.operations.map(({ id, body }) => [id, body]));
  const plain = byId.safeParse(manifest);
  if (plain.success && !('format' in plain.data)) return new Map(Object.entries(plain.data));
  const got = manifest === undefined ? 'a text that is no JSON' : 'JSON of another form';
  throw new GatewayError('invalid-config', `PERSISTED_OPERATIONS must be a file of ${FORMATS}, got ${got}.`);
}

function findFault(text: string, schema: GraphQLSchema, limits: DocumentLimits): string | null {
  try {
    return validate(schema, parseDocument(text, limits))[0]?.message ?? null;
  } catch (error) {
    return (error as Error).message;
  }
}
