/** Whether a list is read from its end: such pages are not joined. */
export function isBackward(args: Readonly<Record<string, unknown>> | null): boolean {
  return args?.['last'] != null || args?.['before'] != null;
}
