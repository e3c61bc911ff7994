/** The headers in which a request sends keys. */
export const KEY_HEADERS = ['x-api-key', 'x-api-keys'] as const;

/** The headers in which keys or tokens stand, also by mistake. */
export const SECRET_HEADERS = [...KEY_HEADERS, 'authorization', 'proxy-authorization'] as const;
