import type { ClientAddresses } from '../../src/server/clients/client-addresses.ts';
import type { Gateway } from '../../src/server/create-gateway.ts';
import { AnswerTypes } from '../../src/server/lane/answer-types.ts';
import { isAnswer, type LaneRequest, type LaneResult } from '../../src/server/lane/fast-lane.ts';
import { type OrdinaryHead, toOrdinaryHead } from '../../src/server/lane/ordinary-request.ts';
import type { ResumedRequest } from '../../src/server/lane/resumed-request.ts';
import { requestIds, toRequestId } from '../../src/server/records/request-ids.ts';
import type { RequestRecord } from '../../src/server/records/request-record.ts';
import { fromAddress } from './from-address.ts';

export interface SentOperation {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborts when the client goes away. */
  readonly signal?: AbortSignal | undefined;
  /** The address that the connection comes from. */
  readonly address?: string | undefined;
}

/**
 * Who gave an answer: the cache of answers at once, the fast lane by a plan or after one that failed, an equal request, also by
 * way of that cache, or Yoga.
 */
export type Way = 'kept' | 'planned' | 'shared' | 'yoga';

/** What serves operations without a socket. */
export interface Served extends Pick<Gateway, 'yoga' | 'fastLane' | 'streamLane' | 'records'> {
  readonly addresses: ClientAddresses;
  /** Hears who gave each answer. @default nobody */
  readonly onAnswer?: (way: Way) => void;
}

const URL = 'http://gateway/graphql';
const ORDINARY = { maxBodyBytes: 262_144, csrfPrevention: false, answerTypes: new AnswerTypes() };

/** The head of an operation by POST, if the fast lane takes it. */
export function toHead({ body, headers }: SentOperation): OrdinaryHead | null {
  const sent = new Headers({ ...headers, 'content-length': String(Buffer.byteLength(body)) });
  return toOrdinaryHead({ method: 'POST', url: '/graphql' }, sent, ORDINARY);
}

/** Sends an operation as a socket would, without one: through the fast lane, and on to Yoga where that does not answer. */
export async function fetchByLane(gateway: Served, operation: SentOperation): Promise<Response> {
  const { signal } = operation;
  const head = toHead(operation);
  if (head === null || head.answerType === 'text/event-stream') return fetchByYoga(gateway, operation);
  const requestId = toRequestId(head.headers);
  const result = await serve(gateway, requestId, head, operation);
  signal?.throwIfAborted();
  if (result instanceof Response) return result;
  return requestIds.run(requestId, () => fetchByYoga(gateway, operation, result ?? undefined));
}

/** Sends an operation to Yoga. */
export async function fetchByYoga(
  { yoga, onAnswer }: Served,
  { headers, body, signal, address }: SentOperation,
  resumed?: ResumedRequest,
): Promise<Response> {
  onAnswer?.('yoga');
  const init = { method: 'POST', headers, body, signal: signal ?? null };
  return yoga.fetch(URL, init, { ...fromAddress(address), ...(resumed === undefined ? {} : { resumed }) });
}

function wayOf(result: LaneResult): Way {
  return result !== null && 'withdrawal' in result ? 'shared' : 'planned';
}

async function serve(
  { fastLane, records, addresses, onAnswer }: Served,
  requestId: string,
  head: OrdinaryHead,
  { body, signal, address: peer }: SentOperation,
) {
  const address = () => addresses.find(head.headers, peer);
  let record: RequestRecord | null = null;
  const request: LaneRequest = {
    requestId,
    head,
    body,
    signal: signal ?? new AbortController().signal,
    address,
    trace: null,
    openRecord() {
      record = records.open({ requestId, headers: head.headers, address });
      return record;
    },
  };
  const name = fastLane.nameOf(request);
  const kept = fastLane.find(request, name);
  const result = kept ?? (await fastLane.execute(request, name, fastLane.seq));
  if (result !== null && !isAnswer(result)) return result;
  onAnswer?.(kept === null ? wayOf(result) : 'kept');
  const { status, headers } = result?.http ?? { status: 200, headers: {} };
  if (record !== null) records.end(record, signal?.aborted ? 'abandoned' : 'answered', status);
  return result === null
    ? null
    : new Response(String(result.text), { status, headers: { ...headers, 'content-type': head.answerType } });
}
