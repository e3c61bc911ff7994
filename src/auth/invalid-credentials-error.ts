/** The key headers of a request are malformed. The message says what is wrong and where. It repeats no text of them. */
export class InvalidCredentialsError extends Error {
  override readonly name = 'InvalidCredentialsError';
}
