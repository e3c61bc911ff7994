import { isFailure } from '../../jobs/failures.ts';
import type { JobConnectionResolvers, JobEdgeResolvers, JobSourceResolvers } from '../schema.generated.ts';
import { codeOf } from '../to-graphql-error.ts';

export const jobConnectionResolvers: JobConnectionResolvers = {
  edges: ({ edges }) => edges,
  // A node that cannot be read is an error at its own place in the list.
  nodes: ({ edges }) => edges.map(({ node }) => (isFailure(node) ? Promise.reject(node) : node)),
  pageInfo: ({ edges, hasNextPage, hasPreviousPage }) => ({
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor() ?? null,
    endCursor: edges.at(-1)?.cursor() ?? null,
  }),
  totalCount: ({ totalCount }) => totalCount,
  sources: ({ sources }) => sources,
  isStale: ({ isStale }) => isStale,
  fetchedAt: ({ fetchedAt }) => fetchedAt,
};

export const jobEdgeResolvers: JobEdgeResolvers = {
  cursor: ({ cursor }) => cursor(),
  node: ({ node }) => {
    if (isFailure(node)) throw node;
    return node;
  },
};

export const jobSourceResolvers: JobSourceResolvers = {
  key: ({ key }) => key,
  totalCount: ({ result }) => (isFailure(result) ? null : result),
  error: ({ result }) =>
    isFailure(result)
      ? { code: codeOf(result), message: result.message, retryAfterMs: result.facts.retryAfterMs ?? null }
      : null,
};
