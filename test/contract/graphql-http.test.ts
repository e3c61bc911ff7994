import { serverAudits } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';

const url = 'http://gateway/graphql';

describe('the gateway, by the audits of GraphQL over HTTP,', () => {
  test.each(serverAudits({ url }).map(({ id, name }) => [name, id]))('%s (%s)', async (name, id) => {
    const { yoga } = await createTestGateway(() => 'hang');
    const audit = serverAudits({ url, fetchFn: yoga.fetch }).find((each) => each.id === id);
    expect(await audit?.fn()).toEqual({ id, name, status: 'ok' });
  });
});
