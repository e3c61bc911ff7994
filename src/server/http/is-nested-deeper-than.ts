const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125];

/** Whether a JSON text has lists and objects nested deeper than this. Of a text that is no JSON it may say anything. */
export function isNestedDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = findEndOfString(text, index + 1);
    else depth += stepOf(code);
    if (depth > maxDepth) return true;
  }
  return false;
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
