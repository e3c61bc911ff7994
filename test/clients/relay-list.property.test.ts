import fc from 'fast-check';
import {
  createOperationDescriptor,
  Environment,
  type GraphQLResponse,
  getSingularSelector,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
} from 'relay-runtime';
import { expect, test } from 'vitest';
import { emptyList, type ListPage, type LiveList } from '../../clients/src/list/live-list.ts';
import { mergePage } from '../../clients/src/list/merge-page.ts';
import { nextCursor } from '../../clients/src/list/next-cursor.ts';
import { handlerProvider } from '../../clients/src/relay.ts';
import { compileForRelay } from '../support/compile-for-relay.ts';
import { readRelayChapter } from '../support/read-relay-chapter.ts';

const artifacts = await compileForRelay('JobList', readRelayChapter('graphql'));

/** A row of the model. One that cannot be read has no id. */
interface Row {
  readonly id: string | null;
  readonly cursor: string;
  /** How many keys see the job. */
  readonly weight: number;
}

const keyOf = ({ id, cursor }: Row) => id ?? cursor;

/** A page that arrives: live, as the answer of a query, or as one that was asked for where the list is open or was before. */
interface Arrival {
  readonly way: 'live' | 'query' | 'next' | 'overtaken';
  readonly numbers: readonly number[];
  readonly unreadable: number;
  readonly hasNextPage: boolean;
  readonly totalCount: number;
  readonly second: number;
  readonly isBobDead: boolean;
}

const anyArrival: fc.Arbitrary<Arrival> = fc.record({
  way: fc.constantFrom('live', 'query', 'next', 'next', 'overtaken'),
  numbers: fc.subarray(
    Array.from({ length: 16 }, (_, index) => 16 - index),
    { maxLength: 6 },
  ),
  unreadable: fc.nat(40),
  hasNextPage: fc.boolean(),
  totalCount: fc.integer({ min: 6, max: 8 }),
  second: fc.nat(9),
  isBobDead: fc.boolean(),
});

test('a list in the store of Relay is that of `mergePage`, whatever arrives, and also after Relay has collected its garbage', () => {
  fc.assert(
    fc.property(fc.array(anyArrival, { maxLength: 20 }), (arrivals) => {
      const store = openStore();
      let list: LiveList<Row> = emptyList;
      for (const [index, arrival] of arrivals.entries()) {
        const page = pageOf(arrival, index);
        const after = cursorFor(arrival, list);
        store.take(page, arrival, after);
        list = mergePage(list, page, after, keyOf);
        expect(store.shown()).toEqual(toShown(list));
      }
      store.close();
    }),
    { numRuns: 100 },
  );
});

test('events leave nothing behind in the store but the jobs and edges of the list', () => {
  const store = openStore();
  const sizes = Array.from({ length: 20 }, (_, second) => {
    const arrival = { ...ARRIVAL, second };
    store.take(pageOf(arrival, second), arrival, null);
    return store.size();
  });
  expect(new Set(sizes.slice(1)).size).toBe(1);
  store.close();
});

const ARRIVAL: Arrival = {
  way: 'live',
  numbers: [3, 2, 1],
  unreadable: 0,
  hasNextPage: true,
  totalCount: 6,
  second: 0,
  isBobDead: false,
};

function pageOf(
  { numbers, unreadable, hasNextPage, totalCount, second, isBobDead }: Arrival,
  index: number,
): ListPage<Row> {
  return {
    rows: numbers.map((number) => ({
      id: number === unreadable ? null : `job ${number}`,
      cursor: `${number}@${number === unreadable ? 0 : index}`,
      weight: number === unreadable ? 1 : 1 + (number % 2),
    })),
    hasNextPage,
    totalCount,
    fetchedAt: `2026-01-15T10:30:0${second}.000Z`,
    answered: isBobDead ? ['alice'] : ['alice', 'bob'],
    failed: isBobDead ? ['bob'] : [],
  };
}

/** Behind what the page was asked for. */
function cursorFor({ way, second }: Arrival, list: LiveList<Row>): string | null {
  if (way === 'live' || way === 'query') return null;
  return (way === 'next' ? nextCursor(list, keyOf) : list.rows[second]?.cursor) ?? 'a cursor of no row';
}

/** A list as Relay shows it. */
function toShown(list: LiveList<Row>) {
  const { rows, open } = list;
  const endCursor = nextCursor(list, keyOf) ?? rows.at(-1)?.cursor ?? null;
  return {
    rows: rows.map(({ id, cursor }) => ({ id, cursor })),
    pageInfo: { hasNextPage: open.length > 0, endCursor },
  };
}

/** A store that holds the page of the documentation, and to which answers come. */
function openStore() {
  const filter = {};
  let push = (_: GraphQLResponse) => {};
  const store = new Store(new RecordSource(), { gcScheduler: (collect) => collect() });
  const environment = new Environment({
    network: Network.create(
      () => expect.fail('nothing is asked for'),
      () =>
        Observable.create<GraphQLResponse>((sink) => {
          push = sink.next;
        }),
    ),
    store,
    handlerProvider,
  });
  const descriptorOf = (name: string, variables: object) =>
    createOperationDescriptor(artifacts.request(name), { filter, ...variables });
  const operation = descriptorOf('JobListQuery', {});
  const retained = environment.retain(operation);
  const live = requestSubscription(environment, {
    subscription: artifacts.request('JobListLiveSubscription'),
    variables: { filter },
    onNext: () => store.scheduleGC(),
  });

  return {
    take(page: ListPage<Row>, { way }: Arrival, after: string | null) {
      const jobs = toConnection(page);
      if (way === 'live') push({ data: { jobs } });
      else if (way === 'query') environment.commitPayload(operation, { jobs, jobCounts: null });
      else environment.commitPayload(descriptorOf('JobListPaginationQuery', { after }), { jobs });
    },
    shown() {
      const root = environment.lookup(operation.fragment).data;
      const selector = getSingularSelector(artifacts.fragment('JobList_query'), root as never);
      const snapshot = environment.lookup(selector as never);
      expect(snapshot.isMissingData).toBe(false);
      const { jobs } = snapshot.data as unknown as { jobs: Shown };
      const { edges, pageInfo } = jobs;
      const rows = edges.map(({ cursor, node }) => ({ id: node?.__id ?? null, cursor }));
      return { rows, pageInfo };
    },
    size: () => store.getSource().size(),
    close() {
      live.dispose();
      retained.dispose();
    },
  };
}

interface Shown {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly __id: string } | null }[];
  readonly pageInfo: object;
}

/** The page as the gateway gives it. */
function toConnection({
  rows,
  hasNextPage,
  totalCount,
  fetchedAt,
  answered = [],
  failed = [],
}: ListPage<Row>) {
  const error = { code: 'UNAUTHENTICATED', message: 'no', retryAfterMs: null };
  return {
    totalCount,
    fetchedAt,
    sources: [...answered.map((key) => ({ key, error: null })), ...failed.map((key) => ({ key, error }))],
    edges: rows.map(({ id, cursor, weight }) => ({
      cursor,
      node:
        id === null
          ? null
          : { __typename: 'Job', id, qrn: id, status: 'RUNNING', keys: ['a', 'b'].slice(0, weight) },
    })),
    pageInfo: { hasNextPage, endCursor: rows.at(-1)?.cursor ?? null },
  };
}
