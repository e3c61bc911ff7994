import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

/** As much of a job as the choice needs. */
interface ListedJob {
  readonly jobQrn: string;
  readonly queuePosition?: number | null;
}

/**
 * Finds a job of a sandbox that is under way and changes within seconds: the one that stands nearest to the front of a queue,
 * which then runs and ends. In a moment without a queue it is the newest job.
 *
 * @param url The base address of the sandbox.
 */
export async function findLiveJob(url: string, apiKey: string): Promise<string> {
  // To load Node's `fetch` takes longer than to ask.
  const [response] = await once(
    get(`${url}/jobs?limit=100`, { headers: { 'x-api-key': apiKey } }),
    'response',
  );
  const { data } = (await json(response as IncomingMessage)) as { data: readonly ListedJob[] };
  const places = data.map(({ queuePosition }) => queuePosition ?? Number.POSITIVE_INFINITY);
  return data[places.indexOf(Math.min(...places))]?.jobQrn ?? '';
}
