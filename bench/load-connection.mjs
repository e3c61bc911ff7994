import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

/**
 * One keep-alive connection that sends a request and waits for its response, again and again. It reads no more of a response
 * than where it ends: the load generator must cost less than what it measures.
 */
export class LoadConnection {
  #socket;
  #onResponse;
  #chunks = [];
  #received = 0;
  /** How long the whole response is: 0 while its headers are not read, infinity if it comes in chunks. */
  #expected = 0;
  #bodyStart = 0;
  #status = 0;

  /** @param onResponse is called with the status and the length of each response. */
  constructor(port, { onResponse, onError }) {
    this.#onResponse = onResponse;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#take(chunk));
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

  #take(chunk) {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#expected === 0) this.#readHead();
    if (this.#isWhole(chunk)) this.#end();
  }

  #readHead() {
    const start = this.#join();
    const headEnd = start.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = start.latin1Slice(0, headEnd);
    this.#status = Number(head.slice(9, 12));
    this.#bodyStart = headEnd + HEAD_END.length;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    this.#expected = length === null ? Number.POSITIVE_INFINITY : this.#bodyStart + Number(length[1]);
  }

  /** JSON holds no line break of its own, so that the last chunk cannot be mistaken. */
  #isWhole(chunk) {
    if (this.#expected !== Number.POSITIVE_INFINITY)
      return this.#expected === this.#received && this.#expected > 0;
    const end = chunk.length >= LAST_CHUNK.length ? chunk : this.#join();
    return end.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  }

  #join() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  #end() {
    const [status, bytes] = [this.#status, this.#received - this.#bodyStart];
    this.#chunks = [];
    this.#received = 0;
    this.#expected = 0;
    this.#onResponse(status, bytes);
  }
}
