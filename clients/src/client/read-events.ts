/** One event of an event stream. */
export interface ServerEvent {
  /** @default 'message' */
  readonly event: string;
  /** Its lines of data, joined. */
  readonly data: string;
}

/**
 * Reads an event stream (HTML, section 9.2.6): lines end with CR, LF or both, wherever the bytes are divided; comments and
 * unknown fields are passed over; an event that its blank line does not end is none.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  let event = '';
  let data: string[] = [];
  for await (const line of readLines(body)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader();
  // It drops a byte order mark at the beginning.
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      text += decoder.decode(chunk.value, { stream: true });
      // A CR at the end may be the first half of a CRLF.
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? '';
      yield* lines;
    }
    if (text.endsWith('\r')) yield text.slice(0, -1);
  } finally {
    await reader.cancel();
  }
}
