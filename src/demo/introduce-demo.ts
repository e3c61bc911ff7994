import { LIVE_EXAMPLE_PATH } from './use-live-example.ts';

/** What the introduction tells of. */
export interface DemoFacts {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  readonly sandboxUrl: string;
  readonly keys: readonly { readonly label: string; readonly key: string }[];
}

/** What a person reads who has started the demo: where to look, which keys there are, and a command that works. */
export function introduceDemo({ url, sandboxUrl, keys }: DemoFacts): string {
  const list = keys.map(({ label, key }) => `    ${label.padEnd(10)} ${key}`).join('\n');
  const query = '{ jobs(first: 3) { totalCount nodes { qrn status cost } } }';
  return `
  The gateway runs over a sandbox of the qBraid API (${sandboxUrl}).

  Open the playground:  ${url}
  Watch jobs move:      ${new URL(LIVE_EXAMPLE_PATH, url)}

  Keys of the sandbox:
${list}

  Or ask from a terminal:

curl -s ${url} -H 'content-type: application/json' -H 'x-api-key: ${keys[0]?.key}' -d '${JSON.stringify({ query })}'

  Ctrl-C ends it.
`;
}
