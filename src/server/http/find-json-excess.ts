/** What a JSON text may hold. */
export interface JsonLimits {
  /** How deep lists and objects may be nested. */
  readonly maxDepth: number;
  /** How many names all of its objects may have together. */
  readonly maxNames: number;
}

const [QUOTE, COLON, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  34, 58, 91, 92, 93, 123, 125,
];

/** Of what a JSON text has too much, or null. Of a text that is no JSON it may say anything. */
export function findJsonExcess(text: string, { maxDepth, maxNames }: JsonLimits): 'depth' | 'names' | null {
  let depth = 0;
  let names = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = findEndOfString(text, index + 1);
    else if (code === COLON) names += 1;
    else depth += stepOf(code);
    if (depth > maxDepth) return 'depth';
    if (names > maxNames) return 'names';
  }
  return null;
}

function stepOf(code: number): number {
  if (code === OPEN_LIST || code === OPEN_OBJECT) return 1;
  return code === CLOSE_LIST || code === CLOSE_OBJECT ? -1 : 0;
}

function findEndOfString(text: string, start: number): number {
  let index = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    index += code === BACKSLASH ? 2 : 1;
  }
  return index;
}
