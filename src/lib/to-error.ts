/** The error that was thrown. Whatever else was thrown becomes the cause of an error with this message. */
export function toError(thrown: unknown, message: string): Error {
  return thrown instanceof Error ? thrown : new Error(message, { cause: thrown });
}
