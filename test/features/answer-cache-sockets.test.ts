import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWaiters } from '../support/create-waiters.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { openLanes } from '../support/open-lanes.ts';
import { passTurns } from '../support/pass-time.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { aRequest } from '../support/wire-request.ts';

const asking = (query: string, hasNext = false) => aRequest({ body: JSON.stringify({ query }), hasNext });
const JOB = '{ job(qrn: "a:1") { qrn } }';
const OTHER = '{ job(qrn: "a:2") { qrn } }';

/** A gateway that knows both documents, over an upstream whose answers can be held. */
async function openServer() {
  const answer = jobService({ 'alice-key': [aJob('a:1'), aJob('a:2')] });
  const { tell, until } = createWaiters();
  let isHeld = false;
  let held = 0;
  const script: UpstreamScript = async (request) => {
    if (isHeld) {
      held += 1;
      tell();
      await until(() => !isHeld);
    }
    return answer(request);
  };
  const lanes = await openLanes(script);
  onTestFinished(() => lanes.close());
  for (const query of [JOB, JOB, OTHER, OTHER]) await lanes.send([asking(query)]);
  return {
    lanes,
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      tell();
    },
    /** Resolves once so many answers are held: each of the three gateways asks for itself. */
    heldBack: (count: number) => until(() => held >= count),
    /** Sends this to the gateway that keeps answers, and stays. */
    async open(text: string) {
      const socket = connect(Number(new URL(lanes.urlOf('cached')).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(text);
      socket.resume();
      return socket;
    },
  };
}

describe('a client that leaves', () => {
  test('while it waits for the answer to an equal request leaves no operation open', async () => {
    const { lanes, open, hold, release, heldBack } = await openServer();
    lanes.advance(60_000);
    hold();
    const first = await open(asking(JOB));
    await heldBack(1);
    const second = await open(asking(JOB));
    await turns();
    second.destroy();
    await turns();
    release();
    await once(first, 'close');
    await turns();
    expect(lanes.operationsOf('cached')).toBe(0);
  });

  test('while a kept answer waits behind another of its connection leaves no operation open', async () => {
    const { lanes, open, hold, release, heldBack } = await openServer();
    lanes.advance(60_000);
    await lanes.send([asking(JOB)]);
    await lanes.send([asking(JOB)]);
    hold();
    const socket = await open(asking(OTHER, true) + asking(JOB, true));
    await heldBack(1);
    await turns();
    socket.destroy();
    await turns();
    release();
    await turns();
    expect(lanes.operationsOf('cached')).toBe(0);
  });
});

/** Lets what was sent over loopback arrive, and be served. */
async function turns(): Promise<void> {
  await passTurns(20);
}
