import type { Bell } from '../fleet-link.ts';
import { toMs } from './stream-id.ts';
import { parseWord } from './words.ts';

/** A bell, and the replica that rang it. */
export interface RungBell {
  readonly replica: string;
  readonly bell: Bell;
}

/** Reads what a script published: words with spaces between them. Null where it is of a kind that later versions ring. */
export function parseBell(message: string): RungBell | null {
  const [replica = '', kind = '', ...words] = message.split(' ');
  const bell = parsers[kind]?.(words);
  return bell ? { replica, bell } : null;
}

const parsers: Readonly<Record<string, (words: readonly string[]) => Bell>> = {
  landed([partition = '', previous, read, asked, subject = '', request = '', atMs, sealed = '.']) {
    const readSeq = Number(read);
    const sent = { request, atMs: Number(atMs) };
    const reading = {
      readSeq,
      readMs: toMs(readSeq),
      askedSeq: Number(asked),
      subject,
      sealed,
      sent,
    };
    return {
      kind: 'landed',
      partition,
      previousSeq: Number(previous),
      readSeq,
      reading: parseWord(sealed) === null ? null : reading,
      sent,
    };
  },
  failed([partition = '', group = '', start, end, subject = '', request = '', atMs, error = '.']) {
    return {
      kind: 'failed',
      partition,
      claim: { group, start: Number(start), end: Number(end) },
      subject,
      error: parseWord(error),
      sent: { request, atMs: Number(atMs) },
    };
  },
  held([untilMs, request = '', atMs]) {
    return { kind: 'held', untilMs: Number(untilMs), sent: { request, atMs: Number(atMs) } };
  },
  refused([partition = '', untilMs, request = '', atMs, error = '.']) {
    return {
      kind: 'refused',
      partition,
      error: parseWord(error) ?? '',
      untilMs: Number(untilMs),
      sent: { request, atMs: Number(atMs) },
    };
  },
};
