import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getArgumentValues,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Job } from '../../upstream/job.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import { isFieldOfJob } from '../resolvers/job.ts';
import type { AnswerRoom } from './answer-room.ts';
import { collectFields, type SelectionScope } from './collect-fields.ts';
import { type Complete, completerOf } from './complete-value.ts';
import type { JobTexts } from './job-texts.ts';
import type { PlanRoom } from './plan-room.ts';
import { attempt, enclose, joinTexts, type Text } from './text.ts';
import { Unplanned } from './unplanned.ts';

/** One execution of a plan. */
export interface PlanRun {
  readonly context: GraphQLContext;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly room: AnswerRoom;
}

/** Writes one field of an object, with its name, or several that belong together. */
type WriteField = (source: unknown, run: PlanRun) => Text;

/** Fields whose answer is another one at each time, though nothing was read that tells something else. */
const FIELDS_OF_BUDGETS: ReadonlySet<string> = new Set(['Query.rateLimit']);

/** Fields that tell when something was read: a later reading shows in them, even if it changes nothing. */
const FIELDS_OF_READINGS: ReadonlySet<string> = new Set([
  'Job.fetchedAt',
  'JobCounts.fetchedAt',
  'JobConnection.fetchedAt',
  'JobEdge.cursor',
  'PageInfo.startCursor',
  'PageInfo.endCursor',
]);

/** A plan for some values of the variables that directives use. */
export interface CompiledPlan {
  /** Writes the `data` of an answer, or throws. */
  readonly write: (rootValue: unknown, run: PlanRun) => Text;
  /** Whether the answer tells what is left of a request budget. */
  readonly tellsBudgets: boolean;
  /** Whether the answer tells when something was read. */
  readonly tellsReadings: boolean;
}

export interface CompileOptions extends SelectionScope {
  readonly operation: OperationDefinitionNode;
  readonly jobTexts: JobTexts;
  readonly room: PlanRoom;
}

/**
 * Compiles an operation, which must be valid.
 *
 * @throws {Unplanned} for introspection, and where there is no room.
 */
export function compilePlan(options: CompileOptions): CompiledPlan {
  const { schema, operation } = options;
  const root = schema.getRootType(operation.operation);
  if (root == null) throw new Unplanned('There is no such kind of operation.');
  const compiler = new PlanCompiler(options);
  const write = compiler.compileSelection([operation.selectionSet], root);
  const has = (names: ReadonlySet<string>) => [...compiler.coordinates].some((name) => names.has(name));
  return { write, tellsBudgets: has(FIELDS_OF_BUDGETS), tellsReadings: has(FIELDS_OF_READINGS) };
}

class PlanCompiler {
  readonly #options: CompileOptions;
  /** The fields that the operation selects, by type and name. */
  readonly coordinates = new Set<string>();

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  compileSelection(sets: readonly SelectionSetNode[], type: GraphQLObjectType): Complete<PlanRun> {
    const fields = [...collectFields(sets, type, this.#options)].map(([name, nodes]) => ({
      isOfJob:
        type.name === 'Job' && nodes.every((node) => isFieldOfJob(node.name.value) && isConstant(node)),
      write: this.#compileField(name, nodes, type),
    }));
    const writers = type.name === 'Job' ? this.#joinFieldsOfJob(fields) : fields.map(({ write }) => write);
    return (source, run) => writeAll('{', writers, source, run, '}');
  }

  /** Lets fields that stand next to each other, and tell only of the job, be written once for each job. */
  #joinFieldsOfJob(
    fields: readonly { readonly isOfJob: boolean; readonly write: WriteField }[],
  ): WriteField[] {
    const writers: WriteField[] = [];
    let group: WriteField[] = [];
    const endGroup = () => {
      if (group.length > 0) writers.push(this.#writeOnce(group));
      group = [];
    };
    for (const { isOfJob, write } of fields) {
      if (isOfJob) {
        group.push(write);
      } else {
        endGroup();
        writers.push(write);
      }
    }
    endGroup();
    return writers;
  }

  #writeOnce(group: readonly WriteField[]): WriteField {
    const texts = this.#options.jobTexts.open();
    return (source, run) => {
      const { job } = source as { readonly job: Job };
      const known = texts.find(job);
      return known === null ? texts.keep(job, writeAll('', group, source, run, '')) : run.room.take(known);
    };
  }

  #compileField(name: string, nodes: readonly FieldNode[], parentType: GraphQLObjectType): WriteField {
    const [node] = nodes;
    if (node === undefined) throw new Unplanned('A field has no node.');
    this.#options.room.takeField();
    const prefix = `${JSON.stringify(name)}:`;
    const fieldName = node.name.value;
    if (fieldName === '__typename') return () => `${prefix}"${parentType.name}"`;
    const field = parentType.getFields()[fieldName];
    if (field === undefined) throw new Unplanned('Introspection is not planned.');
    this.coordinates.add(`${parentType.name}.${fieldName}`);
    const resolve = this.#resolverOf(field, nodes, parentType);
    const complete = completerOf<PlanRun>(field.type, (type) => this.#completerOfObject(nodes, type));
    return (source, run) => {
      const value = resolve(source, run);
      // One promise the less than if the value were completed first.
      if (value instanceof Promise) return value.then((given) => enclose(prefix, complete(given, run), ''));
      return enclose(prefix, complete(value, run), '');
    };
  }

  #completerOfObject(nodes: readonly FieldNode[], type: GraphQLOutputType): Complete<PlanRun> {
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(type)) return this.compileSelection(sets, type);
    if (!isAbstractType(type)) throw new Unplanned('A type has no fields.');
    const possible = this.#options.schema.getPossibleTypes(type);
    const [only] = possible;
    // Which type an object has must be asked for where there are several. So far, jobs are the only nodes.
    if (only === undefined || possible.length > 1) throw new Unplanned('An object may be of several types.');
    return this.compileSelection(sets, only);
  }

  #resolverOf(
    field: GraphQLField<unknown, unknown>,
    nodes: readonly FieldNode[],
    parentType: GraphQLObjectType,
  ): (source: unknown, run: PlanRun) => unknown {
    const { resolve = defaultFieldResolver, name } = field;
    if (resolve === defaultFieldResolver)
      return (source) => (source as Readonly<Record<string, unknown>>)[name];
    const argumentsOf = argumentReader(field, nodes[0] as FieldNode);
    const { schema, fragments, operation } = this.#options;
    // Errors are not told from here, so that no resolver needs to know where its field stands.
    const path = { prev: undefined, key: name, typename: undefined };
    return (source, { context, variableValues }) => {
      const info = {
        fieldName: name,
        fieldNodes: nodes,
        returnType: field.type,
        parentType,
        path,
        schema,
        fragments,
        rootValue: undefined,
        operation,
        variableValues,
      };
      return resolve(source, argumentsOf(variableValues), context, info as unknown as GraphQLResolveInfo);
    };
  }
}

type ArgumentReader = (variableValues: PlanRun['variableValues']) => Record<string, unknown>;

function argumentReader(field: GraphQLField<unknown, unknown>, node: FieldNode): ArgumentReader {
  if (isConstant(node)) {
    const args = getArgumentValues(field, node);
    // Resolvers get their own, as ever.
    return () => ({ ...args });
  }
  const read: ArgumentReader = (variableValues) => getArgumentValues(field, node, variableValues);
  const variables = variablesOf(field, node);
  return variables === null
    ? read
    : (variableValues) => pickArguments(variables, variableValues) ?? read(variableValues);
}

/** An argument, and the variable that it is. */
type ArgumentVariable = readonly [argument: string, variable: string];

/** The variables that the arguments of a field are: null where one is none, or is left out. */
function variablesOf(
  { args }: GraphQLField<unknown, unknown>,
  node: FieldNode,
): readonly ArgumentVariable[] | null {
  const variables: ArgumentVariable[] = [];
  for (const { name, value } of node.arguments ?? []) {
    if (value.kind === Kind.VARIABLE) variables.push([name.value, value.name.value]);
  }
  return variables.length === args.length ? variables : null;
}

/** The values of variables, which are coerced: null where one has none, for which there may be a default, or an error. */
function pickArguments(
  variables: readonly ArgumentVariable[],
  variableValues: PlanRun['variableValues'],
): Record<string, unknown> | null {
  const args: Record<string, unknown> = {};
  for (const [argument, variable] of variables) {
    const value = Object.hasOwn(variableValues, variable) ? variableValues[variable] : null;
    if (value == null) return null;
    args[argument] = value;
  }
  return args;
}

/** Whether no variable is used in a field or below it. */
function isConstant(node: FieldNode): boolean {
  let isWithout = true;
  visit(node, {
    [Kind.VARIABLE]: () => {
      isWithout = false;
    },
    // What a fragment holds is not looked at.
    [Kind.FRAGMENT_SPREAD]: () => {
      isWithout = false;
    },
  });
  return isWithout;
}

/** Writes parts of a source with commas between them. */
function writeAll(
  open: string,
  writers: readonly WriteField[],
  source: unknown,
  run: PlanRun,
  close: string,
): Text {
  const texts = writers.map((write) => attempt(write, source, run));
  return joinTexts(open, texts, close);
}
