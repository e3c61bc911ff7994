/** Whether two values are the same JSON, or the same times in it. `isDeepStrictEqual` takes several times as long. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  return Array.isArray(a) === Array.isArray(b) && hasEqualParts(a as Parts, b as Parts);
}

type Parts = Readonly<Record<string, unknown>>;

/** The same names in another order are taken for others: that is quick, and upstream does not reorder what stays. */
function hasEqualParts(a: Parts, b: Parts): boolean {
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length &&
    names.every((name, index) => name === others[index] && isEqualJson(a[name], b[name]))
  );
}
