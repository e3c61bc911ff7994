import { cacheExchange } from '@urql/exchange-graphcache';
import { createCacheOptions, createSseExchange } from 'qbraid-graphql-clients/urql';
import { Client, fetchExchange } from 'urql';

const url = '/graphql';

/** A client that asks with these keys, with the normalized cache of urql. */
export function createClient(keys: string): Client {
  const headers = { 'X-API-KEYS': keys };
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers },
    exchanges: [cacheExchange(createCacheOptions()), fetchExchange, createSseExchange({ url, headers })],
  });
}
