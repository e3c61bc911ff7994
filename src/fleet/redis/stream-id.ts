/** Streams count what happens in a millisecond in a second number: so much of it as `Seq` does. */
const SEQS_PER_MS = 1024;

/** The logical time as the id of a stream's entry. */
export function toStreamId(seq: number): string {
  return `${toMs(seq)}-${seq % SEQS_PER_MS}`;
}

/** The server's clock at a logical time, in milliseconds. */
export function toMs(seq: number): number {
  return Math.floor(seq / SEQS_PER_MS);
}

/** The logical time that {@link toStreamId} wrote. */
export function parseStreamId(id: string): number {
  const [ms, count] = id.split('-').map(Number);
  return (ms ?? Number.NaN) * SEQS_PER_MS + (count ?? Number.NaN);
}
