import type { ApiKey } from '../auth/api-key.ts';
import type { About } from '../store/admission/upstream-port.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { Claim } from './fleet-link.ts';
import { KeySeal } from './key-seal.ts';
import {
  fromPlain,
  fromPlainError,
  type PlainError,
  type SharedAnswer,
  toPlain,
  toPlainError,
} from './shared-reading.ts';

/** What upstream answered with a key, and to what. */
export interface OpenedReading {
  /** See `PendingRequest.subject`. */
  readonly subject: string;
  readonly about: About;
  readonly answer: SharedAnswer;
}

/** Why upstream gave no answer, and to what. */
export interface OpenedFailure {
  readonly subject: string;
  readonly error: UpstreamError;
}

type SealedAnswer = ReturnType<typeof toPlain>;

/** Where a sealed reading stands in the log. It can be opened there only. */
export interface Place {
  readonly partition: string | null;
  /** See `Reading`. */
  readonly subject: string;
  readonly askedSeq: number;
}

/** A longer text is not shared, in characters: it would push out what others need. */
const MAX_SEALED_LENGTH = 524_288;

/** The names and sealed texts by which replicas tell each other what they do with one API key. */
export class ReadingSeal {
  readonly #seal: KeySeal;

  /** @param secrets The first one seals, all of them open: one at least. */
  constructor(key: ApiKey, secrets: readonly string[]) {
    this.#seal = new KeySeal(key, secrets);
  }

  /** The name of the key. */
  get name(): string {
    return this.#seal.name;
  }

  /** The name of what is asked for. */
  nameOf(subject: string): string {
    return this.#seal.nameOf(subject);
  }

  /** What a request answers for others as well. */
  claimOf({ resource, group, span }: About): Claim {
    return { group: this.#seal.nameOf(`${resource} ${group}`), start: span.start, end: span.end };
  }

  /** Seals what was read. Null where it is too long to be shared. */
  sealReading({ subject, about, answer }: OpenedReading, place: Place): string | null {
    const sealed = this.#seal.seal(
      { subject, about, answer: toPlain(about.resource, answer) },
      toText(place),
    );
    return sealed.length > MAX_SEALED_LENGTH ? null : sealed;
  }

  /** What was read; null where somebody else has sealed it, or it stood elsewhere. */
  openReading(sealed: string, place: Place): OpenedReading | null {
    const opened = this.#seal.open(sealed, toText(place));
    if (opened === undefined) return null;
    const { subject, about, answer } = opened as Omit<OpenedReading, 'answer'> & { answer: SealedAnswer };
    return { subject, about, answer: fromPlain(about.resource, answer) };
  }

  sealError(subject: string, error: UpstreamError): string {
    return this.#seal.seal({ subject, ...toPlainError(error) }, FAILURE);
  }

  /** What failed; null where somebody else has sealed it. */
  openError(sealed: string): OpenedFailure | null {
    const opened = this.#seal.open(sealed, FAILURE);
    if (opened === undefined) return null;
    const failure = opened as PlainError & { readonly subject: string };
    return { subject: failure.subject, error: fromPlainError(failure) };
  }
}

/** The place of all failures: nobody takes one for another, since each is told with its claim. */
const FAILURE = 'error';

function toText({ partition, subject, askedSeq }: Place): string {
  return `reading ${partition} ${subject} ${askedSeq}`;
}
