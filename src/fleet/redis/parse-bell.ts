import type { Bell, Sent } from '../fleet-link.ts';
import { parseNumber } from './parse-number.ts';
import { toMs } from './stream-id.ts';
import { parseWord } from './words.ts';

/** A bell, and the replica that rang it. */
export interface RungBell {
  readonly replica: string;
  readonly bell: Bell;
}

/** Reads what a script published: words with spaces between them. */
export function parseBell(message: string): RungBell {
  const [replica = '', kind = '', ...words] = message.split(' ');
  return { replica, bell: parseWords(kind, words) };
}

function parseWords(kind: string, words: readonly string[]): Bell {
  try {
    return parsers[kind]?.(words) ?? { kind: 'unclear' };
  } catch {
    return { kind: 'unclear' };
  }
}

/** Each throws where a number is none. */
const parsers: Readonly<Record<string, (words: readonly string[]) => Bell>> = {
  landed([partition = '', previous, read, asked, subject = '', request, atMs, sealed = '.']) {
    const readSeq = parseNumber(read);
    const sent = parseSent(request, atMs);
    const reading = {
      readSeq,
      readMs: toMs(readSeq),
      askedSeq: parseNumber(asked),
      subject,
      sealed,
      sent,
    };
    return {
      kind: 'landed',
      partition,
      previousSeq: parseNumber(previous),
      readSeq,
      reading: parseWord(sealed) === null ? null : reading,
      sent,
    };
  },
  failed([partition = '', group = '', start, end, subject = '', request, atMs, error = '.']) {
    return {
      kind: 'failed',
      partition,
      claim: { group, start: parseNumber(start), end: parseNumber(end) },
      subject,
      error: parseWord(error),
      sent: parseSent(request, atMs),
    };
  },
  held([untilMs, request, atMs]) {
    return { kind: 'held', untilMs: parseNumber(untilMs), sent: parseSent(request, atMs) };
  },
  refused([partition = '', untilMs, request, atMs, error = '.']) {
    return {
      kind: 'refused',
      partition,
      error: parseWord(error) ?? '',
      untilMs: parseNumber(untilMs),
      sent: parseSent(request, atMs),
    };
  },
};

function parseSent(request = '', atMs: string | undefined): Sent {
  return { request, atMs: parseNumber(atMs) };
}
