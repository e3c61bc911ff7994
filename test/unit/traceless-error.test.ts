import { expect, test } from 'vitest';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';

test.each([
  ['the gateway', () => new GatewayError('invalid-input', 'No.')],
  ['upstream', () => new UpstreamError('not-found', 'No.')],
])('an error of %s has a name and a message, but no stack trace, and others still have theirs', (_, make) => {
  const { name, message, stack } = make();
  expect([stack, message]).toEqual([`${name}: No.`, 'No.']);
  expect(name).toMatch(/^(Gateway|Upstream)Error$/);
  expect(new Error('Yes.').stack).toMatch(/\n +at /);
});
