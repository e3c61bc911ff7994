import type { ApolloCache } from '@apollo/client';
import { recheck } from '../list/recheck.ts';
import { type CachedList, keyOf } from './type-policies.ts';

/**
 * Has the lists of jobs in the cache be read again behind their first rows, such as those that are live. Call it when
 * something may have changed there: `hasGap` is true then, and the next pages take the place of what was known. No row
 * goes away before that.
 */
export function recheckJobs(cache: ApolloCache, firstRows: number): void {
  cache.modify<{ readonly jobs: CachedList }>({
    fields: {
      jobs: (jobs) => {
        const { list } = jobs as CachedList;
        return list === undefined ? jobs : { ...jobs, list: recheck(list, firstRows, keyOf) };
      },
    },
  });
}
