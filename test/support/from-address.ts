/** What Yoga knows of a connection from this address. */
export function fromAddress(address: string | undefined): object {
  return address === undefined ? {} : { req: { socket: { remoteAddress: address } } };
}
