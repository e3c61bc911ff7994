/** Parses a JSON text. Returns undefined if the text is no JSON: no JSON text stands for undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
