import { type FieldNode, type OperationDefinitionNode, type ValueNode, valueFromASTUntyped } from 'graphql';

/** The arguments of a field by name, as they were sent: of any type, and undefined where there are none. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The arguments that say how long a list is, or what is introspected. All others may be large. */
export const COST_ARGUMENTS: ReadonlySet<string> = new Set([
  'first',
  'last',
  'ids',
  'name',
  'includeDeprecated',
]);

/** Makes a function that reads the arguments which decide about the cost of a field, with variables and their defaults. */
export function createArgumentReader(
  { variableDefinitions = [] }: OperationDefinitionNode,
  sent: Readonly<Record<string, unknown>>,
): (field: FieldNode) => Arguments {
  const variables: Record<string, unknown> = { __proto__: null, ...sent };
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (variables[name] === undefined && defaultValue !== undefined) {
      variables[name] = valueFromASTUntyped(defaultValue);
    }
  }
  const read = (value: ValueNode) => valueFromASTUntyped(value, variables);
  return (field) =>
    Object.fromEntries(
      (field.arguments ?? [])
        .filter(({ name }) => COST_ARGUMENTS.has(name.value))
        .map(({ name, value }) => [name.value, read(value)]),
    );
}
