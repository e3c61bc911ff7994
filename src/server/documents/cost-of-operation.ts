import { type DocumentNode, type GraphQLSchema, Kind } from 'graphql';
import { variablesIn } from '../../graphql/variables-in.ts';
import { estimateCost } from './estimate-cost.ts';
import { COST_ARGUMENTS } from './read-arguments.ts';

/** Estimates the cost of one operation with these variables, as they were sent. */
export type CostOfOperation = (variables: Readonly<Record<string, unknown>>) => number;

/** How many costs are remembered: most operations have one or a few. */
const MAX_KNOWN = 100;

/** Makes an estimator that remembers the costs of an operation by what decides about them: how long its lists may be. */
export function createCostOfOperation(question: {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
}): CostOfOperation {
  const decides = ({ name }: { readonly name: { readonly value: string } }) => COST_ARGUMENTS.has(name.value);
  const deciding = variablesIn(question.document, Kind.ARGUMENT, decides);
  const known = new Map<string, number>();
  return (variables) => {
    const name = deciding.map((variable) => toSizeText(variables[variable])).join();
    const before = known.get(name);
    if (before !== undefined) return before;
    const cost = estimateCost({ ...question, variableValues: variables });
    if (known.size < MAX_KNOWN) known.set(name, cost);
    return cost;
  };
}

/** Longer than the name of any type. */
const MAX_CHARACTERS = 100;

/** A list counts by its length, and an object by being one. The name of a type decides how much of the schema is told. */
function toSizeText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_CHARACTERS));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return '{}';
  return Array.isArray(value) ? `[${value.length}]` : String(value);
}
