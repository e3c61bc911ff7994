import { randomBytes } from 'node:crypto';

/** A document for browsers. */
export interface DocumentOptions {
  /** Writes the document. Its scripts are loaded only if their tags have this nonce. */
  render(nonce: string): string;
  /** What it may load beside its own scripts and this server's answers: directives of a Content-Security-Policy. */
  readonly allow: readonly string[];
}

/**
 * Makes the answer with a document, under a policy that lets it run only the scripts of this one answer. Browsers ask for
 * it again each time.
 */
export function createDocument(
  { render, allow }: DocumentOptions,
  { Response }: { Response: typeof globalThis.Response },
): Response {
  const nonce = randomBytes(16).toString('base64url');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...allow,
  ];
  return new Response(render(nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-cache',
    },
  });
}
