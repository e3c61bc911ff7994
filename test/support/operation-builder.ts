import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { createSeededRandom, type SeededRandom } from '../../src/sandbox/seeded-random.ts';

/** A query that somebody may send. */
export interface BuiltOperation {
  readonly document: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The values of an argument, as GraphQL and as JSON, by its name. */
export type ArgumentValues = Readonly<Record<string, readonly (readonly [literal: string, json: unknown])[]>>;

const MAX_DEPTH = 4;

/** Builds queries over the schema at random, always the same for the same seed. They are valid, or nearly always. */
export function buildOperation(seed: number, values: ArgumentValues): BuiltOperation {
  return new OperationBuilder(createSeededRandom(String(seed)), values).build();
}

class OperationBuilder {
  readonly #random: SeededRandom;
  readonly #values: ArgumentValues;
  readonly #variables = new Map<string, { readonly type: string; readonly json: unknown }>();
  readonly #fragments: string[] = [];
  #aliases = 0;

  constructor(random: SeededRandom, values: ArgumentValues) {
    this.#random = random;
    this.#values = values;
  }

  build(): BuiltOperation {
    const query = executableSchema.getQueryType() as GraphQLObjectType;
    const selection = this.#selectionOf(query, 0);
    const definitions = [...this.#variables].map(([name, { type }]) => `$${name}: ${type}`);
    const head = `query Built${definitions.length === 0 ? '' : `(${definitions.join(', ')})`}`;
    const other = this.#random.chance(0.2) ? 'query Other { __typename }' : '';
    return {
      document: [`${head} ${selection}`, ...this.#fragments, other].join('\n'),
      operationName: other === '' && this.#random.chance(0.5) ? null : 'Built',
      variables: Object.fromEntries([...this.#variables].map(([name, { json }]) => [name, json])),
    };
  }

  #selectionOf(type: GraphQLNamedType | undefined, depth: number): string {
    if (isAbstractType(type))
      return `{ __typename id ... on Job ${this.#selectionOf(executableSchema.getType('Job'), depth)} }`;
    if (!isObjectType(type)) return '';
    const fields = Object.values(type.getFields()).filter((field) => depth < MAX_DEPTH || isLeaf(field));
    const chosen = Array.from({ length: this.#random.integer(1, 5) }, () => this.#random.pick(fields));
    const texts = chosen.map((field) => this.#inFragment(this.#fieldText(field, depth), type));
    if (this.#random.chance(0.2)) texts.push('__typename');
    return `{ ${texts.join(' ')} }`;
  }

  #fieldText(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args.flatMap((argument) => this.#argumentText(argument));
    // The same name with other arguments is a conflict. Without any, the same field merges with itself.
    const isAlias = args.length > 0 || this.#random.chance(0.3);
    this.#aliases += 1;
    const alias = isAlias ? `a${this.#aliases}: ` : '';
    const call = args.length === 0 ? '' : `(${args.join(', ')})`;
    return `${alias}${field.name}${call}${this.#directive()} ${this.#selectionOf(getNamedType(field.type), depth + 1)}`;
  }

  #argumentText(argument: GraphQLArgument): string[] {
    const known = this.#values[argument.name];
    if (known === undefined || (!isRequiredArgument(argument) && this.#random.chance(0.4))) return [];
    const [literal, json] = this.#random.pick(known);
    return [
      `${argument.name}: ${this.#random.chance(0.5) ? literal : this.#variable(String(argument.type), json)}`,
    ];
  }

  #variable(type: string, json: unknown): string {
    const name = `v${this.#variables.size}`;
    this.#variables.set(name, { type, json });
    return `$${name}`;
  }

  #directive(): string {
    if (!this.#random.chance(0.15)) return '';
    const isOn = this.#random.chance(0.5);
    const condition = this.#random.chance(0.5) ? String(isOn) : this.#variable('Boolean!', isOn);
    return ` @${this.#random.pick(['skip', 'include'])}(if: ${condition})`;
  }

  #inFragment(text: string, type: GraphQLObjectType): string {
    if (this.#random.chance(0.1)) return `... on ${type.name} { ${text} }`;
    if (this.#random.chance(0.05)) return `...${this.#directive()} { ${text} }`;
    if (!this.#random.chance(0.1)) return text;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${type.name} { ${text} }`);
    return this.#random.chance(0.3) ? `...${name} ...${name}` : `...${name}`;
  }
}

function isLeaf({ type }: GraphQLField<unknown, unknown>): boolean {
  return !isObjectType(getNamedType(type)) && !isAbstractType(getNamedType(type));
}
