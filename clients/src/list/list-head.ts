import type { Head, ListPage, Row } from './live-list.ts';

/** What is kept of a first page. */
export function toHead<R extends Row>({ rows, fetchedAt, totalCount, answered = [] }: ListPage<R>): Head {
  return { fetchedAt, answered: [...answered].sort(), length: rows.length, totalCount };
}

/** Whether the same keys answered for both: else their times and numbers do not tell which list is newer, or longer. */
export function isFromSameKeys(one: Head, other: Head): boolean {
  return one.answered.join() === other.answered.join();
}
