import { LIVE_PAGE_PATH } from '../server/pages/live-page-path.ts';

/** The facts in the introduction. */
export interface DemoFacts {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  readonly sandboxUrl: string;
  readonly keys: readonly { readonly label: string; readonly key: string }[];
  /** A job that changes soon. */
  readonly qrn: string;
  /** Keys whose requests go wrong, with what happens to them. */
  readonly faultKeys: readonly { readonly key: string; readonly effect: string }[];
}

/** Writes the introduction for the person who started the demo: the addresses, the keys, and commands that work. */
export function introduceDemo({ url, sandboxUrl, keys, qrn, faultKeys }: DemoFacts): string {
  const list = keys.map(({ label, key }) => `    ${label.padEnd(10)} ${key}`).join('\n');
  const faultList = faultKeys.map(({ key, effect }) => `    ${key.padEnd(16)} ${effect}`).join('\n');
  const ask = (flags: string, operation: object) =>
    `curl ${flags} ${url} -H 'content-type: application/json' -H 'x-api-key: ${keys[0]?.key}' -d '${JSON.stringify(operation)}'`;
  const query = '{ jobs(first: 3) { totalCount nodes { qrn status cost } } }';
  const subscription =
    'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { status queuePosition cost } }';
  return `
  The gateway runs over a sandbox of the qBraid API (${sandboxUrl}).

  Open the playground:  ${url}
  Watch jobs move:      ${new URL(LIVE_PAGE_PATH, url)}

  Keys of the sandbox:
${list}

  Keys whose requests go wrong, to try out a client:
${faultList}

  Or ask from a terminal:

${ask('-s', { query })}

  Or watch a job there whose queue position changes within seconds:

${ask("-sN -H 'accept: text/event-stream'", { query: subscription, variables: { qrns: [qrn] } })}

  Ctrl-C ends it.
`;
}
