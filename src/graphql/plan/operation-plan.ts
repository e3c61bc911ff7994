import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { variablesIn } from '../variables-in.ts';
import { type CompiledPlan, compilePlan } from './compile-plan.ts';
import type { JobTexts } from './job-texts.ts';
import type { PlanRoom } from './plan-room.ts';
import { Unplanned } from './unplanned.ts';

/** How many plans an operation may have: one for each set of values of the variables that directives use. */
const MAX_VARIANTS = 16;

/** Coerced variables, and the plan for them. */
export interface PlannedRun {
  readonly plan: CompiledPlan;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

export interface OperationPlanOptions {
  readonly schema: GraphQLSchema;
  /** Valid for the schema. */
  readonly document: DocumentNode;
  readonly jobTexts: JobTexts;
  /** What all plans of the document share. */
  readonly room: PlanRoom;
}

/** How one operation of a document is executed. */
export class OperationPlan {
  readonly operation: OperationDefinitionNode;
  readonly #options: OperationPlanOptions;
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The variables that decide what is selected. */
  readonly #deciding: readonly string[];
  readonly #variants = new Map<string, CompiledPlan | null>();

  constructor(operation: OperationDefinitionNode, options: OperationPlanOptions) {
    this.operation = operation;
    this.#options = options;
    const fragments = options.document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = Object.fromEntries(
      (fragments as FragmentDefinitionNode[]).map((fragment) => [fragment.name.value, fragment]),
    );
    // Directives other than `@skip` and `@include` have no variables that matter, or are few.
    this.#deciding = variablesIn(options.document, Kind.DIRECTIVE);
  }

  /** Prepares an execution with these variables: null where the executor would refuse them, or has to look itself. */
  prepare(variables: Readonly<Record<string, unknown>>): PlannedRun | null {
    const { schema } = this.#options;
    const { coerced } = getVariableValues(schema, this.operation.variableDefinitions ?? [], variables, {
      maxErrors: 1,
    });
    if (coerced === undefined) return null;
    const plan = this.#variantOf(coerced);
    return plan && { plan, variableValues: coerced };
  }

  #variantOf(variableValues: Readonly<Record<string, unknown>>): CompiledPlan | null {
    const name = JSON.stringify(this.#deciding.map((variable) => variableValues[variable]));
    const known = this.#variants.get(name);
    if (known !== undefined) return known;
    if (this.#variants.size >= MAX_VARIANTS) return null;
    const plan = this.#compile(variableValues);
    this.#variants.set(name, plan);
    return plan;
  }

  #compile(variableValues: Readonly<Record<string, unknown>>): CompiledPlan | null {
    const { schema, jobTexts, room } = this.#options;
    const { operation } = this;
    try {
      return compilePlan({ schema, fragments: this.#fragments, operation, variableValues, jobTexts, room });
    } catch (error) {
      // Null in the place of a variable's default is found out only here: the executor says so at the field.
      if (error instanceof Unplanned || error instanceof GraphQLError) return null;
      throw error;
    }
  }
}

/**
 * Plans an operation: null where there is no such operation, or where it has to be executed without a plan.
 *
 * @param operationName as the client sent it.
 */
export function planOperation(
  options: OperationPlanOptions,
  operationName: string | null | undefined,
): OperationPlan | null {
  const operation = getOperationAST(options.document, operationName);
  return operation == null || hasOddVariable(operation) ? null : new OperationPlan(operation, options);
}

/** Whether a variable has a name that is no property of an ordinary object: the executor finds no value for it. */
function hasOddVariable({ variableDefinitions = [] }: OperationDefinitionNode): boolean {
  return variableDefinitions.some(({ variable }) => variable.name.value === '__proto__');
}
