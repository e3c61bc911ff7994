import { randomBytes } from 'node:crypto';

/** A page for browsers. */
export interface PageOptions {
  /** Writes the page. Its scripts run only if their tags have this nonce. */
  render(nonce: string): string | Promise<string>;
  /** What the page may load beside its own scripts and this server's answers: directives of a Content-Security-Policy. */
  readonly allow: readonly string[];
}

/** Makes the answer with a page, under a policy that lets it run only the scripts of this one answer. */
export async function createPage(
  { render, allow }: PageOptions,
  { Response }: { Response: typeof globalThis.Response },
): Promise<Response> {
  const nonce = randomBytes(16).toString('base64url');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...allow.map((directive) => directive.replaceAll('{nonce}', nonce)),
  ];
  return new Response(await render(nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
    },
  });
}
