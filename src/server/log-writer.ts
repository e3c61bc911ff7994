import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import type { Clock } from '../lib/clock.ts';

export interface LogWriterOptions {
  /** The file descriptor. It is not closed. */
  readonly fd: number;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** Hears how many lines were left out, once there is room again. */
  readonly onLoss: (lines: number) => void;
}

/** Lines that wait beyond so many characters are left out: a disk that is full must not take all memory as well. */
const MAX_WAITING = 1024 * 1024;

/** How long after a failed write the next one comes, in milliseconds. */
const RETRY_MS = 100;

/** How long the process waits at its end for whoever reads the log, in milliseconds. */
const MAX_FLUSH_MS = 1000;

/** How long between two tries meanwhile, in milliseconds. */
const FLUSH_RETRY_MS = 10;

/**
 * Writes lines in order. Lines that come while others are being written go out together. A full disk, and a reader that does
 * not read, cost lines, never the process: the destination of pino itself waits for either for ever as it ends.
 */
export class LogWriter implements DestinationStream {
  readonly #options: LogWriterOptions;
  #waiting = '';
  /** What was begun to be written, and is still to be. */
  #rest: Buffer = Buffer.alloc(0);
  #state: 'idle' | 'writing' | 'failed' = 'idle';
  #lostLines = 0;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Never throws, and never waits. */
  write(line: string): void {
    if (this.#waiting.length + line.length > MAX_WAITING) {
      this.#lostLines += 1;
      return;
    }
    this.#waiting += line;
    if (this.#state === 'idle') this.#writeNext();
  }

  /** Writes all that waits before it returns, for at most a second. For the end of the process. */
  flushSync(): void {
    const { fd, clock } = this.#options;
    const endsAtMs = clock.now() + MAX_FLUSH_MS;
    // What is being written will be without us.
    const begun = this.#state === 'writing' ? [] : [this.#rest];
    let bytes = Buffer.concat([...begun, Buffer.from(this.#waiting)]);
    while (bytes.length > 0) {
      try {
        bytes = bytes.subarray(writeSync(fd, bytes));
      } catch (error) {
        if (!isFull(error) || clock.now() >= endsAtMs) break;
        sleepSync(FLUSH_RETRY_MS);
      }
    }
    this.#waiting = '';
    if (this.#state !== 'writing') this.#rest = bytes;
  }

  #writeNext(): void {
    if (this.#rest.length === 0) {
      this.#rest = Buffer.from(this.#waiting);
      this.#waiting = '';
      this.#tellLoss();
    }
    if (this.#rest.length === 0) {
      this.#state = 'idle';
      return;
    }
    this.#state = 'writing';
    write(this.#options.fd, this.#rest, this.#onWritten);
  }

  readonly #onWritten = (error: Error | null, count: number): void => {
    if (error === null) {
      this.#rest = this.#rest.subarray(count);
      this.#writeNext();
      return;
    }
    this.#state = 'failed';
    this.#options.clock.schedule(RETRY_MS, () => this.#writeNext());
  };

  #tellLoss(): void {
    const lines = this.#lostLines;
    this.#lostLines = 0;
    if (lines > 0) this.#options.onLoss(lines);
  }
}

/** Whether a pipe takes no more until somebody reads. */
function isFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}

function sleepSync(delayMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
}
