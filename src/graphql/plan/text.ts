/** JSON text, or the promise of it. */
export type Text = string | Promise<string>;

/**
 * Joins texts with commas between brackets. Where one of them is only promised, so is the whole. All promises are waited for
 * together, so that none is rejected with nobody to hear it.
 */
export function joinTexts(open: string, texts: readonly Text[], close: string): Text {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return enclose(open, only, close);
  if (texts.every(isWritten)) return open + texts.join(',') + close;
  return Promise.all(texts).then((written) => open + written.join(',') + close);
}

/** A text between brackets. */
export function enclose(open: string, text: Text, close: string): Text {
  return isWritten(text) ? open + text + close : text.then((written) => open + written + close);
}

/** The text of an answer, or an event, with this `data`. */
export function writeResult(data: string, isStale: boolean): string {
  return isStale ? `{"data":${data},"extensions":{"stale":true}}` : `{"data":${data}}`;
}

/** What a writer gives, or a rejected promise of what it throws: other texts may be promised by then. */
export function attempt<Source, Run>(
  write: (source: Source, run: Run) => Text,
  source: Source,
  run: Run,
): Text {
  try {
    return write(source, run);
  } catch (error) {
    return Promise.reject(error);
  }
}

function isWritten(text: Text): text is string {
  return typeof text === 'string';
}
