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

function hasEqualParts(a: Parts, b: Parts): boolean {
  const names = Object.keys(a);
  const others = Object.keys(b);
  // Mostly the names are in the same order, which is quicker to see.
  const isIn = (name: string, index: number) => name === others[index] || Object.hasOwn(b, name);
  return (
    names.length === others.length &&
    names.every((name, index) => isIn(name, index) && isEqualJson(a[name], b[name]))
  );
}
