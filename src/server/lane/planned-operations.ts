import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Credential } from '../../auth/api-key.ts';
import { JobTexts } from '../../graphql/plan/job-texts.ts';
import { type OperationPlan, type PlannedRun, planOperation } from '../../graphql/plan/operation-plan.ts';
import { PlanRoom } from '../../graphql/plan/plan-room.ts';
import { type CostOfOperation, createCostOfOperation } from '../documents/cost-of-operation.ts';
import type { KnownDocuments } from '../documents/known-documents.ts';
import type { PersistedDocuments } from '../documents/persisted-documents.ts';
import { type OperationFacts, toOperationFacts } from '../records/request-record.ts';
import { type OrdinaryParams, readParams } from './read-params.ts';

/** An operation that the fast lane can execute, with what is known of it beforehand. */
export interface PlannedOperation {
  readonly plan: OperationPlan;
  readonly document: DocumentNode;
  readonly costOf: CostOfOperation;
  /** What may be noted of it, for a request with these headers. */
  readonly factsFor: (headers: Pick<Headers, 'get'>) => OperationFacts;
}

/** What is known of one document. */
interface DocumentPlans {
  /** By name; null for one that has to be executed without a plan. */
  readonly operations: Map<string, PlannedOperation | null>;
  readonly room: PlanRoom;
}

/** No document has more operations that anybody executes. */
const MAX_OPERATIONS = 20;

/** How many characters may be kept of what was written of jobs. */
const MAX_JOB_CHARACTERS = 16_000_000;

export interface PlannedOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly documents: Pick<KnownDocuments, 'findValid'>;
  readonly persisted: Pick<PersistedDocuments, 'textOf'>;
  /** How many fields an answer, or an event, may have. */
  readonly maxCost: number;
}

/** An operation with all that its execution takes. */
export interface PreparedOperation {
  readonly operation: PlannedOperation;
  readonly params: OrdinaryParams;
  readonly run: PlannedRun;
  readonly credentials: readonly Credential[];
}

/** The operations of valid documents. A plan lives as long as its document is known. */
export class PlannedOperations {
  readonly #options: PlannedOperationsOptions;
  readonly #plans = new WeakMap<DocumentNode, DocumentPlans>();
  readonly #jobTexts = new JobTexts(MAX_JOB_CHARACTERS);

  constructor(options: PlannedOperationsOptions) {
    this.#options = options;
  }

  /** Prepares what a body asks for, if it is of this type: null for whatever is not as usual, which Yoga looks at. */
  prepare(
    type: 'query' | 'subscription',
    body: string,
    credentials: readonly Credential[],
  ): PreparedOperation | null {
    const params = readParams(body, this.#options.persisted);
    const operation = params && this.#find(params);
    if (!operation || operation.plan.operation.operation !== type) return null;
    // Before the plan, which takes longer.
    if (operation.costOf(params.variables) > this.#options.maxCost) return null;
    const run = operation.plan.prepare(params.variables);
    return run && { operation, params, run, credentials };
  }

  #find({ query, operationName }: OrdinaryParams): PlannedOperation | null {
    const document = this.#options.documents.findValid(query);
    if (document === null) return null;
    const { operations, room } = this.#plansOf(document);
    const name = operationName ?? '';
    const known = operations.get(name);
    if (known !== undefined) return known;
    const operation = this.#plan(document, operationName, room);
    if (operations.size < MAX_OPERATIONS) operations.set(name, operation);
    return operation;
  }

  #plansOf(document: DocumentNode): DocumentPlans {
    const known = this.#plans.get(document);
    if (known !== undefined) return known;
    const plans = { operations: new Map(), room: new PlanRoom(document.tokenCount ?? 0) };
    this.#plans.set(document, plans);
    return plans;
  }

  #plan(document: DocumentNode, operationName: string | null, room: PlanRoom): PlannedOperation | null {
    const { schema } = this.#options;
    const plan = planOperation({ schema, document, jobTexts: this.#jobTexts, room }, operationName);
    if (plan === null) return null;
    return {
      plan,
      document,
      costOf: createCostOfOperation({ schema, document, operationName }),
      factsFor: (headers) => toOperationFacts(plan.operation, headers),
    };
  }
}
