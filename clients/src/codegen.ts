/**
 * How GraphQL Code Generator types the scalars of the gateway: `config: { scalars, strictScalars: true }`. Instants stay
 * the text that they are in JSON.
 */
export const scalars = {
  DateTime: { input: 'string', output: 'string' },
  JSON: { input: 'unknown', output: 'unknown' },
  JSONObject: { input: 'Record<string, unknown>', output: 'Record<string, unknown>' },
  SafeInt: { input: 'number', output: 'number' },
} as const;

/** Which types each interface of the schema has, for the caches that must know: Apollo Client's `possibleTypes`. */
export const possibleTypes: { Node: string[] } = { Node: ['Job'] };
