import { expect, test } from 'vitest';
import { createPage } from '../../src/server/http/create-page.ts';

test('a page runs only the scripts of its own answer', async () => {
  const page = { allow: ["style-src 'nonce-{nonce}'"], render: (nonce: string) => nonce };

  const answers = [await createPage(page, { Response }), await createPage(page, { Response })];

  const nonces = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(nonces).size).toBe(2);
  expect(answers.map(({ headers }) => headers.get('content-security-policy'))).toEqual(
    nonces.map(
      (nonce) =>
        `default-src 'none'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; ` +
        `form-action 'none'; frame-ancestors 'none'; style-src 'nonce-${nonce}'`,
    ),
  );
});
