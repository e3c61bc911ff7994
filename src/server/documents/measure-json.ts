/** Texts that JSON writes as they are, one byte for each character. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * Measures how many bytes `JSON.stringify` would make of a value, without writing them. Stops soon after `max`, with any
 * larger number. An object that is found again, such as the tags of one job under several aliases, is not measured again.
 */
export function measureJson(value: unknown, max: number): number {
  const known = new Map<object, number>();

  function measure(part: unknown, budget: number): number {
    if (typeof part === 'string') return measureText(part);
    if (typeof part === 'object' && part !== null) return measureObject(part, budget);
    return part === undefined ? 0 : String(part).length;
  }

  function measureObject(part: object, budget: number): number {
    const before = known.get(part);
    if (before !== undefined) return before;
    if ('toJSON' in part && typeof part.toJSON === 'function') return measure(part.toJSON(), budget);
    const bytes = Array.isArray(part) ? measureItems(part, budget) : measureFields(part, budget);
    known.set(part, bytes);
    return bytes;
  }

  // Each item and each field is followed by one byte: the comma, or the bracket at the end.
  function measureItems(items: readonly unknown[], budget: number): number {
    let bytes = 1;
    for (const item of items) {
      bytes += 1 + (item === undefined ? 4 : measure(item, budget - bytes));
      if (bytes > budget) return bytes;
    }
    return Math.max(2, bytes);
  }

  function measureFields(fields: object, budget: number): number {
    let bytes = 1;
    for (const [name, field] of Object.entries(fields)) {
      if (field === undefined) continue;
      bytes += measureText(name) + 2 + measure(field, budget - bytes);
      if (bytes > budget) return bytes;
    }
    return Math.max(2, bytes);
  }

  return measure(value, max);
}

function measureText(text: string): number {
  return PLAIN.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text));
}
