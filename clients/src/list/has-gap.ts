/** What `hasGap` needs of a list of jobs. */
interface Shown {
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined };
}

/**
 * Whether rows are missing in the middle of a list that this package keeps: more jobs came between two live updates than
 * the first page holds, or a key came back. Then the next page, behind `pageInfo.endCursor`, does not belong at the end:
 * read it at once.
 */
export function hasGap({ edges, pageInfo }: Shown): boolean {
  return pageInfo.hasNextPage && edges.length > 0 && edges.at(-1)?.cursor !== pageInfo.endCursor;
}
