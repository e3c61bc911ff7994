/** The request needs a key but has none. */
export class MissingCredentialsError extends Error {
  override readonly name = 'MissingCredentialsError';

  constructor() {
    super(
      'A qBraid API key is required, got none: send it as the X-API-KEY header, or several as X-API-KEYS.',
    );
  }
}
