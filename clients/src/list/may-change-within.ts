/** Whether jobs come to the list, and leave it, behind its first page: those of one status, or of a group of them, do. */
export function mayChangeWithin(args: Readonly<Record<string, unknown>>): boolean {
  const { status, statusGroup } = (args['filter'] ?? {}) as Readonly<Record<string, unknown>>;
  return status != null || statusGroup != null;
}
