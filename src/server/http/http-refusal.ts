import { GraphQLError } from 'graphql';
import type { GatewayErrorFacts } from '../../lib/gateway-error.ts';

/** Why a request is refused before there is an operation to execute. */
export interface HttpRefusal {
  readonly status: number;
  readonly code: string;
  /** What was required and what to do. Never holds a text of the client. */
  readonly message: string;
  readonly facts?: Pick<GatewayErrorFacts, 'limit' | 'max' | 'got'>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes the error that Yoga answers with this status and these headers, whatever media type the client accepts. */
export function toHttpError({ status, code, message, facts, headers = {} }: HttpRefusal): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...facts, http: { status, headers } } });
}

/** Writes the same answer for where Yoga is not reached. */
export function toErrorBody({ code, message }: Pick<HttpRefusal, 'code' | 'message'>): string {
  return JSON.stringify({ errors: [{ message, extensions: { code } }] });
}
