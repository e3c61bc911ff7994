/** By how much the depth changes at these characters. */
const STEPS: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 };

/** Whether a JSON text has lists and objects nested deeper than this. Of a text that is no JSON it may say anything. */
export function isNestedDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') index = findEndOfString(text, index + 1);
    depth += STEPS[character] ?? 0;
    if (depth > maxDepth) return true;
  }
  return false;
}

function findEndOfString(text: string, start: number): number {
  let index = start;
  while (index < text.length && text.charAt(index) !== '"') index += text.charAt(index) === '\\' ? 2 : 1;
  return index;
}
