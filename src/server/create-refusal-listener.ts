import type { RequestListener } from 'node:http';
import type { ClientConfig } from '../config/config.ts';
import type { ClientAddresses } from './clients/client-addresses.ts';
import { toErrorBody, toHttpError } from './http/http-refusal.ts';
import { toNodeHeaders } from './http/node-headers.ts';
import { OVERLOADED, toRefusalType } from './http/overloaded.ts';
import { pathOf } from './http/path-of.ts';
import { createAnswerHeaders } from './lane/answer-headers.ts';
import { endWithResponse } from './records/end-with-response.ts';
import { toRequestId } from './records/request-ids.ts';
import type { RequestRecords } from './records/request-records.ts';

export interface RefusalListenerOptions {
  readonly config: Pick<ClientConfig, 'corsOrigins' | 'keyRingsPath'>;
  readonly addresses: Pick<ClientAddresses, 'find'>;
  readonly records: RequestRecords;
}

const ERROR = toHttpError(OVERLOADED);
const BODY = toErrorBody(OVERLOADED);
const OWN_HEADERS = Object.entries(OVERLOADED.headers).flat();

/**
 * Answers requests that would wait too long for their turn with HTTP 503, and with the headers and the record of any other
 * answer. Yoga does not see them: there, a refusal costs three times as much, and ten times as much while its code is cold,
 * which is when hundreds of clients come at once.
 */
export function createRefusalListener({
  config,
  addresses,
  records,
}: RefusalListenerOptions): RequestListener {
  const toHeaders = createAnswerHeaders(config);
  return (request, response) => {
    const headers = toNodeHeaders(request);
    const requestId = toRequestId(headers);
    if (pathOf(request) === '/graphql') {
      const address = addresses.find(headers, request.socket.remoteAddress);
      const record = records.open({ requestId, headers, address: () => address });
      records.answered(record, { errors: [ERROR] });
      endWithResponse(records, record, request, response);
    }
    const answerType = toRefusalType(headers.get('accept'));
    response
      .writeHead(OVERLOADED.status, [...toHeaders({ headers, answerType }, requestId), ...OWN_HEADERS])
      .end(BODY);
  };
}
