import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { AnswerWriter } from '../../src/server/lane/answer-writer.ts';
import type { OrdinaryHead } from '../../src/server/lane/ordinary-request.ts';

const head: OrdinaryHead = {
  method: 'POST',
  headers: new Headers(),
  answerType: 'application/json',
  wantsFresh: false,
};

const answerOf = (text: string) => ({ text, bytes: Buffer.byteLength(text) });

/** The responses to so many clients, and what each client got until now. */
async function openResponses(count: number) {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => void responses.push(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients = Array.from({ length: count }, () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
    const client = { socket, text: '' };
    socket.on('data', (text: string) => {
      client.text += text;
    });
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    return client;
  });
  onTestFinished(() => {
    for (const { socket } of clients) socket.destroy();
    server.close();
  });
  while (responses.length < count) await setImmediate();
  return { responses, clients };
}

test('the answers of one turn of the event loop are written at its end, each to its own client', async () => {
  const { responses, clients } = await openResponses(2);
  const writer = new AnswerWriter(() => ['x-kind', 'test']);
  for (const [index, response] of responses.entries())
    writer.write(response, head, 'id', answerOf(`“${index}”`));
  expect(responses.map(({ headersSent }) => headersSent)).toEqual([false, false]);
  await Promise.all(clients.map(({ socket }) => once(socket, 'data')));
  const texts = clients.map(({ text }) => text).toSorted();
  expect(texts).toEqual([
    expect.stringMatching(/^HTTP\/1\.1 200 OK\r\nx-kind: test\r\ncontent-length: 7\r\n.*\r\n\r\n“0”$/s),
    expect.stringMatching(/“1”$/),
  ]);
});

test('a client that leaves before its answer is written takes nothing from the others', async () => {
  const { responses, clients } = await openResponses(2);
  const writer = new AnswerWriter(() => []);
  for (const response of responses) writer.write(response, head, 'id', answerOf('{}'));
  responses[0]?.destroy();
  await once(clients[1]?.socket as NodeJS.EventEmitter, 'data');
  expect(responses.map(({ headersSent }) => headersSent)).toEqual([false, true]);
});
