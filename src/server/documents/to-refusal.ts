import { GraphQLError } from 'graphql';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';
import type { GatewayError } from '../../lib/gateway-error.ts';

/** The form in which a client sees that its whole operation is refused: HTTP 400, whatever it accepts. */
export function toRefusal(error: GatewayError): GraphQLError {
  const { message, extensions } = toGraphQLError(new GraphQLError(error.message, { originalError: error }));
  return new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
}
