import type { KeyState, Landed, Reading, Reply, Sent } from '../fleet-link.ts';
import { parseNumber } from './parse-number.ts';
import type { RedisReply } from './run-script.ts';
import { parseStreamId, toMs } from './stream-id.ts';
import { parseWord } from './words.ts';

/** What a script returned after the server's time. */
type Facts = readonly RedisReply[];

/** Reads what the script `ask` returned. Throws where it is nothing of that kind. */
export function parseReply([kind, ...facts]: Facts): Reply {
  const [first, second] = facts;
  switch (kind) {
    case 'expired':
      return { kind };
    case 'moved':
      return { kind, partition: String(first) };
    case 'refused':
      return { kind, error: String(first), untilMs: parseNumber(second) };
    case 'held':
    case 'wait':
    case 'spent':
      return { kind, untilMs: parseNumber(first) };
    case 'behind': {
      return {
        kind,
        readings: parseReadings(first),
        headSeq: parseNumber(second),
        gapSeq: parseNumber(facts[2]),
      };
    }
    case 'failed':
      return { kind, error: String(first) };
    case 'go':
      return {
        kind,
        partition: String(first),
        askedSeq: parseNumber(second),
        sentMs: parseNumber(facts[2]),
      };
    default:
      throw new Error(`The server replied “${String(kind)}” to a question.`);
  }
}

/** Reads what the script `land` returned. Throws where it is nothing of that kind. */
export function parseLanded([kind, first, previous, isShared]: Facts): Landed {
  switch (kind) {
    case 'expired':
      return { kind };
    case 'moved':
      return { kind, partition: String(first) };
    case 'landed': {
      const readSeq = parseNumber(first);
      const readMs = toMs(readSeq);
      return { kind, readSeq, readMs, previousSeq: parseNumber(previous), isShared: isShared === 1 };
    }
    default:
      throw new Error(`The server replied “${String(kind)}” to a landing.`);
  }
}

/** Reads what the script `pull` returned. */
export function parseKeyState(facts: Facts): KeyState {
  const [partition, head, gap, entries, refusedUntil, refusal, heldUntil, isProven, sent] = facts;
  const refusedUntilMs = parseWord(String(refusedUntil));
  const heldUntilMs = parseWord(String(heldUntil));
  return {
    partition: parseWord(String(partition)),
    headSeq: parseNumber(head),
    gapSeq: parseNumber(gap),
    readings: parseReadings(entries),
    refused:
      refusedUntilMs === null ? null : { error: String(refusal), untilMs: parseNumber(refusedUntilMs) },
    heldUntilMs: heldUntilMs === null ? null : parseNumber(heldUntilMs),
    isProven: isProven === 1,
    sent: parseSent(sent),
  };
}

function parseReadings(entries: RedisReply | undefined): readonly Reading[] {
  return listOf(entries).map((entry) => {
    const [id, fields] = listOf(entry);
    const readSeq = parseStreamId(String(id));
    return { readSeq, readMs: toMs(readSeq), ...parseFields(listOf(fields)) };
  });
}

/** What no script has written is a reading that nobody can open. It has its place in the log all the same. */
function parseFields(fields: readonly RedisReply[]): Omit<Reading, 'readSeq' | 'readMs'> {
  const [, subject, , asked, , request, , atMs, , sealed] = fields;
  try {
    return {
      askedSeq: parseNumber(asked),
      subject: String(subject),
      sealed: String(sealed),
      sent: { request: String(request), atMs: parseNumber(atMs) },
    };
  } catch {
    return { askedSeq: 0, subject: '', sealed: '', sent: { request: '', atMs: 0 } };
  }
}

function parseSent(members: RedisReply | undefined): readonly Sent[] {
  const words = listOf(members).map(String);
  return Array.from({ length: words.length / 2 }, (_, index) => ({
    request: words[2 * index] ?? '',
    atMs: Number(words[2 * index + 1]),
  })).filter(({ atMs }) => Number.isFinite(atMs));
}

function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  return typeof reply === 'object' && reply !== null ? reply : [];
}
