import type { Clock } from '../../lib/clock.ts';
import { type Deadline, Deadlines } from '../../lib/deadlines.ts';
import { COMPLETE, type EventBytes, NOTHING, PIECE_BYTES, SIGN_OF_LIFE } from './event-text.ts';
import { Flushes } from './flushes.ts';

/** Where a stream is written to: a `ServerResponse`, or a `StreamBody`. */
export interface StreamOutput {
  /** Returns whether the client may have taken it. If not, `drain` says when it has. */
  write(bytes: EventBytes): boolean;
  end(bytes: EventBytes): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

/** Where the events of a stream come from. */
export interface EventSource {
  /** Takes the events that are ready, in the form in which they are sent: null where none is. Must not throw. */
  take(): EventBytes | Promise<EventBytes> | null;
  /** Whether nothing more comes than what is ready. */
  readonly isEnded: boolean;
  /** Nobody wants more: it has ended from now on. */
  leave(): void;
  /** The stream is over, however it ended. Called once. */
  onEnd(how: StreamEnd): void;
}

/** How a stream ended: it was complete, its client left, it did not read, or something failed. */
export type StreamEnd = 'complete' | 'left' | 'unread' | Error;

export interface StreamWriterOptions {
  /** How long a stream may be silent before it sends a sign of life, in milliseconds. */
  readonly keepaliveMs: number;
  /** How long a client may take nothing of what is there for it, in milliseconds. Then its stream breaks off. */
  readonly unreadTimeoutMs: number;
  readonly clock: Clock;
  /** When it aborts, every stream ends with `complete`, as if there were no more events. */
  readonly shutdown: AbortSignal;
}

/**
 * Writes event streams to their responses. Each takes its next events only when its client has
 * taken all that was written before. One timer serves the keepalives of all streams, and one the time-outs.
 */
export class StreamWriter {
  readonly flushes: Flushes;
  readonly keepalives: Deadlines<WrittenStream>;
  readonly unread: Deadlines<WrittenStream>;
  readonly #open = new Set<WrittenStream>();
  readonly #shutdown: AbortSignal;

  constructor({ clock, keepaliveMs, unreadTimeoutMs, shutdown }: StreamWriterOptions) {
    this.flushes = new Flushes(clock);
    this.keepalives = new Deadlines({
      clock,
      timeoutMs: keepaliveMs,
      onDue: (stream) => stream.showLife(),
    });
    this.unread = new Deadlines({
      clock,
      timeoutMs: unreadTimeoutMs,
      onDue: (stream) => stream.breakOff('unread'),
    });
    this.#shutdown = shutdown;
    shutdown.addEventListener('abort', () => {
      for (const stream of this.#open) stream.source.leave();
    });
  }

  /** Begins to write a stream. Gives what tells that there may be events to take. */
  open(output: StreamOutput, source: EventSource): () => void {
    const stream = new WrittenStream(output, source, this);
    this.#open.add(stream);
    stream.begin();
    if (this.#shutdown.aborted) source.leave();
    return stream.wake;
  }

  /** Forgets a stream that is over. */
  close(stream: WrittenStream): void {
    this.#open.delete(stream);
  }
}

/** One stream that is being written. */
class WrittenStream {
  readonly source: EventSource;
  readonly #output: StreamOutput;
  readonly #writer: StreamWriter;
  /** What is left of the latest events. Some browsers report a response only after its first bytes. */
  #unsent = SIGN_OF_LIFE;
  /** Whether the client has yet to take what was written. */
  #isFull = false;
  /** Whether the next events are being made. */
  #isMaking = false;
  #isWoken = false;
  #isOver = false;
  /** When it says next that it is still there: null before it first rests. */
  #keepalive: Deadline | null = null;
  /** When it is broken off: null before its client first takes nothing. */
  #unreadUntil: Deadline | null = null;

  constructor(output: StreamOutput, source: EventSource, writer: StreamWriter) {
    this.#output = output;
    this.source = source;
    this.#writer = writer;
  }

  begin(): void {
    this.#output.on('drain', () => this.#onTaken());
    this.#output.on('close', () => this.#end('left'));
    // A connection may break while it is written to: then it closes. Unheard, the error would end the process.
    this.#output.on('error', () => {});
    this.#goOn();
  }

  /** There may be something to take. */
  readonly wake = (): void => {
    if (this.#isWoken || this.#isFull || this.#isMaking || this.#isOver) return;
    this.#isWoken = true;
    this.#writer.flushes.add(this);
  };

  flush(): void {
    this.#isWoken = false;
    this.#goOn();
  }

  /** Says that the stream is still there. */
  showLife(): void {
    this.#unsent = SIGN_OF_LIFE;
    this.#goOn();
  }

  /** Closes the connection, and drops all that is on its way to the client. */
  breakOff(why: StreamEnd): void {
    this.#end(why);
    this.#output.destroy();
  }

  #onTaken(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#unreadUntil?.stop();
    this.#goOn();
  }

  #goOn(): void {
    while (!this.#isFull && !this.#isOver) {
      if (this.#unsent.length > 0) this.#writePiece();
      else if (this.#isMaking || !this.#take()) break;
    }
    if (!this.#isFull && !this.#isOver) this.#rest();
  }

  #writePiece(): void {
    const piece = this.#unsent.subarray(0, PIECE_BYTES);
    // An empty part would keep the whole in memory, for as long as the stream is quiet.
    this.#unsent = this.#unsent.length > PIECE_BYTES ? this.#unsent.subarray(PIECE_BYTES) : NOTHING;
    if (this.#output.write(piece)) return;
    this.#isFull = true;
    this.#keepalive?.stop();
    this.#unreadUntil = this.#writer.unread.start(this);
  }

  /** Takes what is ready. Returns whether there was anything. */
  #take(): boolean {
    const events = this.source.take();
    if (events === null) return false;
    if (events instanceof Uint8Array) {
      this.#unsent = events;
      return true;
    }
    this.#isMaking = true;
    events.then(
      (made) => {
        this.#isMaking = false;
        if (this.#isOver) return;
        // A sign of life may have been sent meanwhile, but never a part of one.
        this.#unsent = made;
        this.#goOn();
      },
      (error: unknown) => this.breakOff(error instanceof Error ? error : new Error('An event failed.')),
    );
    return true;
  }

  /** Waits for events: nothing is to be written now. */
  #rest(): void {
    if (this.#isMaking || !this.source.isEnded) {
      this.#keepalive?.stop();
      this.#keepalive = this.#writer.keepalives.start(this);
    } else {
      this.#end('complete');
      this.#output.end(COMPLETE);
    }
  }

  #end(how: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unsent = NOTHING;
    this.#keepalive?.stop();
    this.#unreadUntil?.stop();
    this.#writer.close(this);
    this.source.onEnd(how);
  }
}
