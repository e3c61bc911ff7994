import { expect, onTestFinished, test } from 'vitest';
import { someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { openLanes } from '../support/open-lanes.ts';
import { aRequest, type RequestParts, toUtf8 } from '../support/wire-request.ts';

const get = (target: string): RequestParts => ({
  line: `GET ${target} HTTP/1.1`,
  contentType: null,
  length: null,
});
const KINDS: Readonly<Record<string, RequestParts>> = {
  'a POST': { body: toUtf8(JSON.stringify({ query: '{ jobs { nodes { qrn } } }' })) },
  'a GET': get('/graphql?query=%7Bjobs%7BtotalCount%7D%7D'),
  'a GET without a query': get('/graphql'),
  'a probe': get('/health'),
};
const PAIRS = Object.keys(KINDS).flatMap((first) =>
  Object.keys(KINDS).map((second) => [second, first] as const),
);

test.each(PAIRS)(
  '%s behind %s, sent before that is answered, is answered after it',
  async (second, first) => {
    const lanes = await openLanes(jobService({ 'alice-key': someJobs(3) }));
    onTestFinished(() => lanes.close());
    const sent = [first, second, first].map((kind, index) =>
      aRequest({ ...KINDS[kind], hasNext: index < 2 }),
    );
    // The first time, nothing is known of the documents. Then there are plans, and then answers.
    for (let time = 0; time < 3; time += 1) {
      const { yoga, uncached, cached } = await lanes.send([sent.join('')]);
      expect(yoga.answers).toHaveLength(3);
      expect([uncached.answers, cached.answers]).toEqual([yoga.answers, yoga.answers]);
    }
  },
);
