/** Where each server listens: the one who starts it chooses the port. */
export const ADDRESS = { host: '127.0.0.1', port: Number(process.env.PORT) };

export const UPSTREAM_URL = process.env.QBRAID_API_URL;

/** As many connections as clients would need at once: none of them waits. */
export const UPSTREAM_CONNECTIONS = 256;
