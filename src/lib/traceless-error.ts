/**
 * An error that is an answer, for a client or for whoever starts the gateway: all that it has to say is in its message and its
 * facts. It has no stack trace. To collect one and to format it takes longer than all else that is done with such an error, and
 * what stands in it stays in memory for as long as the error.
 */
export class TracelessError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
