import { EventEmitter } from 'node:events';
import type { EventBytes } from './event-text.ts';
import type { StreamOutput } from './stream-writer.ts';

/**
 * The body of a response of the Fetch API, as an output that streams are written to: its client has taken all that was written
 * once it asks for more.
 */
export class StreamBody extends EventEmitter implements StreamOutput {
  readonly stream: ReadableStream<EventBytes>;
  readonly #disconnect: () => void;
  #controller!: ReadableStreamDefaultController<EventBytes>;
  #isOver = false;

  /** @param disconnect closes the connection, and drops all that is on its way to the client. */
  constructor(disconnect: () => void = () => {}) {
    super();
    this.#disconnect = disconnect;
    const source: UnderlyingDefaultSource<EventBytes> = {
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => void this.emit('drain'),
      cancel: () => this.#end(),
    };
    // What it took ahead, nobody could tell from what the client has taken.
    this.stream = new ReadableStream(source, { highWaterMark: 0 });
  }

  write(bytes: EventBytes): boolean {
    this.#controller.enqueue(bytes);
    return false;
  }

  end(bytes: EventBytes): void {
    this.#controller.enqueue(bytes);
    this.close();
  }

  /** Not with an error: whoever reads the body may have to cancel it then, which would fail, and nobody would hear of that. */
  destroy(): void {
    this.close();
    this.#disconnect();
  }

  /** Nothing more is written: all was, or the client has left. */
  readonly close = (): void => {
    if (this.#isOver) return;
    this.#controller.close();
    this.#end();
  };

  #end(): void {
    this.#isOver = true;
    this.emit('close');
  }
}
