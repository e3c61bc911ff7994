import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { type Lanes, openLanes } from '../support/open-lanes.ts';

const url = 'http://gateway/graphql';
const AUDITS = serverAudits({ url }).map(({ id, name }) => [name, id]);

describe('the gateway, by the audits of GraphQL over HTTP,', () => {
  test.each(AUDITS)('%s (%s)', async (name, id) => {
    const { yoga } = await createTestGateway(() => 'hang');
    const audit = serverAudits({ url, fetchFn: yoga.fetch }).find((each) => each.id === id);
    expect(await audit?.fn()).toEqual({ id, name, status: 'ok' });
  });
});

describe('the fast lane, by the same audits,', () => {
  let lanes: Lanes;
  beforeAll(async () => {
    lanes = await openLanes(() => 'hang');
  });
  afterAll(() => lanes.close());

  test.each(AUDITS)('%s (%s)', async (name, id) => {
    const audit = serverAudits({ url: lanes.urlOf('cached') }).find((each) => each.id === id);
    expect(await audit?.fn()).toEqual({ id, name, status: 'ok' });
  });
});
