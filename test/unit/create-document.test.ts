import { expect, test } from 'vitest';
import { createDocument } from '../../src/server/pages/create-document.ts';

test('a document runs only the scripts of its own answer', async () => {
  const document = { allow: ["style-src 'self'"], render: (nonce: string) => nonce };

  const answers = [createDocument(document, { Response }), createDocument(document, { Response })];

  const nonces = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(nonces).size).toBe(2);
  expect(answers.map(({ headers }) => headers.get('content-security-policy'))).toEqual(
    nonces.map(
      (nonce) =>
        `default-src 'none'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; ` +
        `form-action 'none'; frame-ancestors 'none'; style-src 'self'`,
    ),
  );
});
