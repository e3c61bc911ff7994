import { GraphQLError } from 'graphql';
import { badRequest, toHttpError } from './http-refusal.ts';

/**
 * Reads the body of a request as UTF-8. Of a body that is too large it reads no more than the maximum, and nothing if the
 * request tells its length.
 *
 * @throws {GraphQLError} status 413 for a body over `maxBytes`, 400 for one that breaks off or is not UTF-8.
 */
export async function readRequestText(request: Request, maxBytes: number): Promise<string> {
  const toldBytes = Number(request.headers.get('content-length') ?? 0);
  if (toldBytes > maxBytes) throw tooLarge(maxBytes, toldBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(request, maxBytes));
  } catch (error) {
    if (error instanceof GraphQLError) throw error;
    // A client that left while it sent gets no answer.
    throw notText();
  }
}

/** The refusal of a body that is no text. */
export function notText(): GraphQLError {
  return badRequest('The body must be whole, and in UTF-8.');
}

async function readBytes({ body }: Request, maxBytes: number): Promise<Uint8Array> {
  // To iterate would destroy the connection on the way out, before there is an answer.
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    bytes += next.value.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(next.value);
  }
  return Buffer.concat(chunks);
}

function tooLarge(max: number, got?: number): GraphQLError {
  return toHttpError({
    status: 413,
    code: 'REQUEST_ENTITY_TOO_LARGE',
    message: `The body may have ${max} bytes (MAX_REQUEST_BODY_BYTES), and has more: send a smaller document or fewer variables.`,
    facts: { limit: 'MAX_REQUEST_BODY_BYTES', max, ...(got === undefined ? {} : { got }) },
  });
}
