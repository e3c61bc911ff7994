import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { createSseLink, possibleTypes, typePolicies } from 'qbraid-graphql-clients/apollo';

const url = '/graphql';

/** A client that asks with these keys. All else is as Apollo Client has it by default. */
export function createClient(keys: string): ApolloClient {
  const headers = { 'X-API-KEYS': keys };
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      createSseLink({ url, headers }),
      new HttpLink({ uri: url, headers }),
    ),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  });
}
