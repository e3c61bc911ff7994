import { GraphQLError, getNamedType, isIntrospectionType, type ValidationRule } from 'graphql';
import type { ErrorCode } from '../../graphql/schema.generated.ts';

const CODE: ErrorCode = 'INTROSPECTION_DISABLED';

/** The validation rule of a gateway that does not tell its schema. `__typename` tells nothing that data would not. */
export const noIntrospectionRule: ValidationRule = (context) => ({
  Field(node) {
    const type = getNamedType(context.getType());
    if (type == null || !isIntrospectionType(type)) return;
    const message = 'This gateway does not tell its schema: INTROSPECTION is off.';
    const extensions = { code: CODE, http: { spec: false, status: 400 } };
    context.reportError(new GraphQLError(message, { nodes: node, extensions }));
    // What is selected below would be the same error again.
    return false;
  },
});
