/** The client asked for what cannot be. The message says what is required, what arrived and what to do. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}
