import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** How much is read at once, in bytes. */
const READ_BYTES = 65_536;

/**
 * One keep-alive connection that sends a request and waits for its response, again and again. It reads no more of a response
 * than where it ends, always into the same memory: the load generator must cost less than what it measures, and its own garbage
 * must not show in the times.
 */
export class LoadConnection {
  #socket;
  #onResponse;
  /** What was received of a head that is not whole. */
  #head = NOTHING;
  /** The last bytes of a response in chunks. */
  #tail = NOTHING;
  #received = 0;
  /** How long the whole response is: 0 while its headers are not read, infinity if it comes in chunks. */
  #expected = 0;
  #bodyStart = 0;
  #status = 0;

  /** @param onResponse is called with the status and the length of each response. */
  constructor(port, { onResponse, onError }) {
    this.#onResponse = onResponse;
    const onread = {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (length, buffer) => {
        this.#take(buffer.subarray(0, length));
        return true;
      },
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', onError);
    this.#socket.on('close', () => onError(new Error('the server closed a connection')));
  }

  send(bytes) {
    this.#socket.write(bytes);
  }

  close() {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #take(bytes) {
    this.#received += bytes.length;
    if (this.#expected === 0) this.#readHead(bytes);
    if (this.#expected === Number.POSITIVE_INFINITY) this.#tail = lastOf(this.#tail, bytes);
    if (this.#isWhole()) this.#end();
  }

  #readHead(bytes) {
    const start = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const headEnd = start.indexOf(HEAD_END);
    if (headEnd === -1) {
      this.#head = Buffer.from(start);
      return;
    }
    this.#head = NOTHING;
    const head = start.latin1Slice(0, headEnd);
    this.#status = Number(head.slice(9, 12));
    this.#bodyStart = headEnd + HEAD_END.length;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    this.#expected = length === null ? Number.POSITIVE_INFINITY : this.#bodyStart + Number(length[1]);
  }

  /** JSON holds no line break of its own, so that the last chunk cannot be mistaken. */
  #isWhole() {
    if (this.#expected === Number.POSITIVE_INFINITY) return this.#tail.equals(LAST_CHUNK);
    return this.#expected === this.#received && this.#expected > 0;
  }

  #end() {
    const [status, bytes] = [this.#status, this.#received - this.#bodyStart];
    this.#tail = NOTHING;
    this.#received = 0;
    this.#expected = 0;
    this.#onResponse(status, bytes);
  }
}

/** As many bytes as the last chunk has, in memory of their own. */
function lastOf(before, bytes) {
  const all = bytes.length < LAST_CHUNK.length ? Buffer.concat([before, bytes]) : bytes;
  return Buffer.from(all.subarray(-LAST_CHUNK.length));
}
