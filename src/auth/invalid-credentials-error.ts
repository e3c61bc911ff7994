/** The key headers of a request cannot be read. The message says what is wrong and where, and never holds a key. */
export class InvalidCredentialsError extends Error {
  override readonly name = 'InvalidCredentialsError';
}
