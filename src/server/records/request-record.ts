import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { Credential } from '../../auth/api-key.ts';
import type { OperationObserver } from '../../graphql/graphql-context.ts';
import type { StoreEvent, StoreEventKind } from '../../store/store-event.ts';
import { type ClientFacts, INVALID, isClean, readClient } from './client-facts.ts';

/** The operation of a request. */
export interface OperationFacts {
  /** Null if it has none; `invalid` if it may hold a key or is too long. */
  readonly name: string | null;
  readonly type: 'query' | 'mutation' | 'subscription';
}

/**
 * How a response ended: it was handed over whole; the client left before; or the gateway closed the connection before.
 */
export type Outcome = 'answered' | 'abandoned' | 'cut';

/** What one request to the GraphQL endpoint asked for, what that cost, and how it ended. Holds no key. */
export interface EndedRequest {
  /** Its id, which the client gets, too. */
  readonly requestId: string | undefined;
  /** Null where the request was refused before it had a valid operation. */
  readonly operation: OperationFacts | null;
  readonly outcome: Outcome;
  /** The HTTP status; null where the response was not delivered whole. */
  readonly status: number | null;
  readonly durationMs: number;
  /** The codes of the errors in its answer, or in its events. */
  readonly errorCodes: ReadonlySet<string>;
  /** How many events a subscription sent; null where no stream was opened. */
  readonly events: number | null;
  /** The fingerprints of its keys. */
  readonly keys: readonly string[];
  /** What became of the reads that it caused. */
  readonly reads: Readonly<Record<StoreEventKind, number>>;
  /** How long the upstream requests took that it sent, in milliseconds, all together. */
  readonly upstreamMs: number;
  readonly client: ClientFacts;
  /** The address of the client: empty where nobody knows it. */
  readonly address: string;
}

/** What is known of a request when it arrives. */
export interface RequestStart {
  readonly requestId: string | undefined;
  readonly headers: Pick<Headers, 'get'>;
  readonly startedAtMs: number;
  readonly address: () => string;
}

const NO_CODES: ReadonlySet<string> = new Set();

const NO_HEADERS: Pick<Headers, 'get'> = { get: () => null };

/** Collects what is known of one request to the GraphQL endpoint, while it is served. */
export class RequestRecord implements EndedRequest, OperationObserver {
  readonly requestId: string | undefined;
  readonly #startedAtMs: number;
  #headers: Pick<Headers, 'get'>;
  #address: () => string;
  #client: ClientFacts | null = null;
  errorCodes: ReadonlySet<string> = NO_CODES;
  readonly reads: Record<StoreEventKind, number> = {
    hit: 0,
    stale: 0,
    joined: 0,
    sent: 0,
    landed: 0,
    refused: 0,
    failed: 0,
  };
  operation: OperationFacts | null = null;
  outcome: Outcome = 'answered';
  status: number | null = null;
  durationMs = 0;
  events: number | null = null;
  keys: readonly string[] = [];
  upstreamMs = 0;
  isEnded = false;

  constructor({ requestId, headers, startedAtMs, address }: RequestStart) {
    this.requestId = requestId;
    this.#headers = headers;
    this.#startedAtMs = startedAtMs;
    this.#address = address;
  }

  /** Who sent it, read when somebody asks. */
  get client(): ClientFacts {
    return this.#client ?? readClient(this.#headers);
  }

  get address(): string {
    return this.#address();
  }

  /** Reads now all that it tells of its sender, and lets go of the request: its stream may be open for long. */
  release(): void {
    const { client, address } = this;
    this.#client = client;
    this.#address = () => address;
    this.#headers = NO_HEADERS;
  }

  /** Notes the operation that is about to be executed. The document must be valid. */
  begin(document: DocumentNode, operationName: string | null | undefined): void {
    const operation = getOperationAST(document, operationName);
    if (operation) this.operation = toOperationFacts(operation, this.#headers);
  }

  keysRead(credentials: readonly Credential[]): void {
    this.keys = credentials.map(({ key }) => key.fingerprint);
  }

  jobsRead({ kind, durationMs }: StoreEvent): void {
    this.reads[kind] += 1;
    this.upstreamMs += durationMs;
  }

  addErrorCode(code: string): void {
    this.errorCodes = new Set(this.errorCodes).add(code);
  }

  end(outcome: Outcome, status: number | null, nowMs: number): void {
    this.isEnded = true;
    this.outcome = outcome;
    this.status = outcome === 'answered' ? status : null;
    this.durationMs = nowMs - this.#startedAtMs;
  }
}

/** What may be noted of an operation, whose client chose its name. */
export function toOperationFacts(
  { name, operation: type }: OperationDefinitionNode,
  headers: Pick<Headers, 'get'>,
): OperationFacts {
  if (name === undefined) return { name: null, type };
  return { name: isClean(name.value, headers) ? name.value : INVALID, type };
}
