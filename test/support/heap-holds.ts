import { getHeapSnapshot } from 'node:v8';

/**
 * Whether a text is anywhere in the memory of this process, after what is garbage has been collected. The text is only
 * put together once the memory has been looked at, so that it does not find itself.
 */
export async function heapHolds(textOf: () => string): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of getHeapSnapshot()) chunks.push(chunk);
  return Buffer.concat(chunks).includes(textOf());
}
