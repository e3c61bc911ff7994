/**
 * The headers of every answer. The policy is for answers that are no pages: a browser that is led to take one for a page
 * runs and loads nothing.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  // Pages that CORS allows are not concerned: browsers ask this header only about requests without CORS.
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // Answers depend on the key. A cache that nobody configured would show those to GET to other keys.
  'cache-control': 'private, no-store',
};
