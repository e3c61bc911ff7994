import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import type { ApiKey } from '../auth/api-key.ts';
import { toNumber, toSeq } from '../jobs/seq.ts';
import { type GatewayError, invalidInput } from '../lib/gateway-error.ts';
import { parseJson } from '../lib/parse-json.ts';
import { type Boundary, MAX_ANCHORS } from './list/bookmark.ts';
import { type Anchor, digest } from './list/entry.ts';

/** Where an edge stands in the list of one key. */
export interface CursorPosition {
  /** The boundary right behind the edge, or where this key's list is left while another key's job is the edge. */
  readonly behind: Boundary;
  /** Whether the job of the edge is in this key's list, in front of that boundary. */
  readonly isOwner: boolean;
}

/** Where an edge stands: for each key of the request, by fingerprint. */
export type Cursor = ReadonlyMap<string, CursorPosition>;

/** What a cursor is bound to: no other list accepts it. */
export interface CursorScope {
  /** A text that is the same for the same filter. */
  readonly filter: string;
  /** The fingerprints of the keys, in any order. */
  readonly fingerprints: readonly string[];
  /** The key that signs the list's cursors. */
  readonly signer: Pick<ApiKey, 'sign'>;
}

const VERSION = 3;

const CHECKSUM_CHARACTERS = 8;

/** 72 bits: nobody can try so many tags. */
const TAG_CHARACTERS = 12;

/** A cursor over 20 keys has less than half of it. */
const MAX_CHARACTERS = 8192;

/** The largest number of jobs that the decoder accepts as a total. */
const MAX_COUNT = 2_147_483_647;

/**
 * The cursor as clients see it: URL-safe text that holds no key, no name of a job and no label. Its checksum finds
 * accidents. Its tag finds forgery: a place that the gateway never gave out would cost requests to search for.
 */
export function encodeCursor(cursor: Cursor, { filter, signer }: CursorScope): string {
  const positions = [...cursor].map(([fingerprint, position]) => toTuple(fingerprint, position));
  // The order of the keys in a request must not show in the cursor.
  positions.sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([VERSION, digest(filter), ...positions]);
  const body = toTag(text, signer) + text;
  return Buffer.from(digest(body) + body).toString('base64url');
}

/**
 * Reads what {@link encodeCursor} wrote.
 *
 * @throws {GatewayError} `invalid-input` for anything else, for a forged cursor, and for one of another filter or another set of
 *   keys.
 */
export function decodeCursor(argument: 'after' | 'before', value: string, scope: CursorScope): Cursor {
  const { text, tag, contents } = parse(argument, value);
  const [, filter, ...positions] = contents;
  if (filter !== digest(scope.filter)) {
    throw invalid(argument, 'the cursor of another filter: send the filter that the cursor came with');
  }
  const fingerprints = new Map(scope.fingerprints.map((fingerprint) => [digest(fingerprint), fingerprint]));
  const cursor = new Map<string, CursorPosition>();
  for (const tuple of positions) {
    const fingerprint = fingerprints.get(tuple[0]);
    if (fingerprint !== undefined) cursor.set(fingerprint, toPosition(tuple));
  }
  if (cursor.size !== positions.length || cursor.size !== fingerprints.size) {
    throw invalid(argument, 'the cursor of other keys: send the keys that the cursor came with');
  }
  if (!isEqual(tag, toTag(text, scope.signer))) throw noCursor(argument);
  return cursor;
}

/** The boundary from which a cursor's `after` reads on. */
export function boundaryAfter({ behind }: CursorPosition): Boundary {
  return behind;
}

/** The boundary from which a cursor's `before` reads back: in front of the job of the edge, where this key has it. */
export function boundaryBefore({ behind, isOwner }: CursorPosition): Boundary {
  if (!isOwner || typeof behind === 'string') return behind;
  const { offset, nearestBefore, nearestAfter } = behind;
  return {
    ...behind,
    offset: Math.max(0, offset - 1),
    nearestBefore: nearestBefore.slice(1),
    nearestAfter: [...nearestBefore.slice(0, 1), ...nearestAfter].slice(0, MAX_ANCHORS),
  };
}

const count = z.int().check(z.minimum(0), z.maximum(MAX_COUNT));
const timeMs = z.int();
const seq = z.int().check(z.minimum(0));
const digestText = z.string().check(z.regex(/^[\w-]{8}$/));
/** Anchors one after the other, without anything between them. */
const anchors = z.string().check(z.regex(new RegExp(`^([\\w~-]{8}){0,${MAX_ANCHORS}}$`)));

const positionTuple = z.union([
  z.tuple([digestText, z.literal(['start', 'end'])]),
  z.tuple([digestText, z.boolean(), count, count, seq, z.nullable(timeMs), anchors, anchors]),
]);

const contents = z.tuple([z.literal(VERSION), digestText], positionTuple);

type PositionTuple = z.infer<typeof positionTuple>;

function toTuple(fingerprint: string, { behind, isOwner }: CursorPosition): PositionTuple {
  if (typeof behind === 'string') return [digest(fingerprint), behind];
  const { offset, total, readSeq, createdAtMs, nearestBefore, nearestAfter } = behind;
  return [
    digest(fingerprint),
    isOwner,
    offset,
    total,
    toNumber(readSeq),
    createdAtMs,
    nearestBefore.join(''),
    nearestAfter.join(''),
  ];
}

function toPosition(tuple: PositionTuple): CursorPosition {
  if (tuple.length === 2) return { behind: tuple[1], isOwner: false };
  const [, isOwner, offset, total, readSeq, createdAtMs, nearestBefore, nearestAfter] = tuple;
  const bookmark = {
    offset,
    total,
    readSeq: toSeq(readSeq),
    createdAtMs,
    nearestBefore: toAnchors(nearestBefore),
    nearestAfter: toAnchors(nearestAfter),
  };
  return { behind: bookmark, isOwner };
}

function toAnchors(text: string): readonly Anchor[] {
  return text.match(/.{8}/g) ?? [];
}

/** A cursor whose tag is not checked yet. */
interface ParsedCursor {
  readonly text: string;
  readonly tag: string;
  readonly contents: z.infer<typeof contents>;
}

function parse(argument: string, value: string): ParsedCursor {
  if (value === '') throw invalid(argument, 'empty: leave the argument out to begin at the end of the list');
  const bytes = value.length > MAX_CHARACTERS ? Buffer.alloc(0) : Buffer.from(value, 'base64url');
  const checksum = bytes.toString('utf8', 0, CHECKSUM_CHARACTERS);
  const body = bytes.toString('utf8', CHECKSUM_CHARACTERS);
  // Many texts decode to the same bytes; only one of them was given out.
  const isOurs = bytes.toString('base64url') === value && digest(body) === checksum;
  const [tag, text] = [body.slice(0, TAG_CHARACTERS), body.slice(TAG_CHARACTERS)];
  const result = contents.safeParse(isOurs ? parseJson(text) : null);
  if (result.success) return { text, tag, contents: result.data };
  if (isOurs) throw invalid(argument, 'the cursor of another version of this gateway: begin the list anew');
  throw noCursor(argument);
}

function toTag(text: string, signer: CursorScope['signer']): string {
  return signer.sign('cursor', text).toString('base64url').slice(0, TAG_CHARACTERS);
}

/** Takes the same time for all texts of a length: the time must not tell how much of a tag was guessed. */
function isEqual(a: string, b: string): boolean {
  const [bytesA, bytesB] = [Buffer.from(a), Buffer.from(b)];
  return bytesA.length === bytesB.length && timingSafeEqual(bytesA, bytesB);
}

function noCursor(argument: string): GatewayError {
  return invalid(
    argument,
    'no cursor of this gateway: send an `endCursor`, `startCursor` or `cursor` as it came',
  );
}

function invalid(argument: string, complaint: string): GatewayError {
  return invalidInput(`\`${argument}\` must be a cursor of this list, got ${complaint}.`);
}
