// The texts that `npm run generate` makes of `src/config/variables.ts`.
import { rolldown } from 'rolldown';

const VARIABLES = 'src/config/variables.ts';
const LINE_WIDTH = 118;

/** Node 20 reads no TypeScript: this bundles the module with all that it imports. */
async function importVariables() {
  const bundle = await rolldown({ input: VARIABLES, platform: 'node' });
  const { output } = await bundle.generate({ format: 'esm' });
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
}

/** Each group with its variables. `value` is what to set for the default; empty where there is none to set. */
async function readGroups() {
  const { variableGroups, variableFacts } = await importVariables();
  return Object.entries(variableGroups).map(([title, types]) => ({
    title,
    variables: Object.entries(types).map(([name, type]) => ({
      name,
      value: String(type.parse(undefined) ?? ''),
      ...variableFacts.get(type),
    })),
  }));
}

const UNITS = {
  _MS: [
    [60_000, 'min'],
    [1000, 's'],
  ],
  _BYTES: [
    [1024 ** 2, 'MiB'],
    [1024, 'KiB'],
  ],
};

/** A length of time or a size in a larger unit: 900000 milliseconds are `15 min`. Null where it is a whole number of none. */
function inLargerUnit({ name, value }) {
  const [, units = []] = Object.entries(UNITS).find(([ending]) => name.endsWith(ending)) ?? [];
  const found = units.find(([size]) => value > 0 && value % size === 0);
  return found === undefined ? null : `${value / found[0]} ${found[1]}`;
}

/** The default, as a cell of a table. */
function toDefault(variable) {
  if (variable.usual !== null) return variable.usual;
  if (variable.value === '') return 'none';
  const larger = inLargerUnit(variable);
  return `\`${variable.value}\`${larger === null ? '' : ` (${larger})`}`;
}

const toLinks = (text) => text.replaceAll(/docs\/([a-z-]+)\.md/g, '[$1]($1.md)');

/** The page that explains each variable, in Markdown. */
export async function configurationPage() {
  const groups = await readGroups();
  const toRow = (variable) =>
    `| \`${variable.name}\` | ${toDefault(variable)} | ${toLinks(variable.about)} |`;
  const toSection = ({ title, variables }) =>
    [
      `## ${title}`,
      '',
      '| variable | default | meaning |',
      '| --- | --- | --- |',
      ...variables.map(toRow),
    ].join('\n');
  return toText([
    `<!-- Generated from ${VARIABLES} by \`npm run generate\`: do not edit. -->`,
    '# Configuration',
    INTRODUCTION,
    ...groups.map(toSection),
    TRACES,
  ]);
}

const INTRODUCTION = `The gateway reads environment variables once, when it starts. All have a default or may be left out. A name that ends with
\`_MS\` is a time in milliseconds, and one that ends with \`_BYTES\` is a size in bytes. An empty variable counts as not set.

If a variable is invalid, the process ends at once and lists every fault. If the name of a variable looks misspelt, the log
says so. [\`.env.example\`](../.env.example) has the same variables to copy.`;

const TRACES = `## Traces and TLS

The standard variables of OpenTelemetry, such as \`OTEL_EXPORTER_OTLP_ENDPOINT\`, turn traces on: see [operations](operations.md).
\`NODE_EXTRA_CA_CERTS\` names further certificates to trust, as with any Node program. The certificates of the qBraid API are
always checked.`;

const toText = (blocks) => `${blocks.join('\n\n')}\n`;

/** Breaks a text into lines of a comment. */
function toComment(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length >= LINE_WIDTH) lines.push('');
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.map((line) => `#${line}`).join('\n');
}

/** The file to copy to `.env`. It sets nothing by itself. */
export async function exampleEnvironment() {
  const groups = await readGroups();
  const toBlock = (variable) => {
    const inWords = variable.usual ?? inLargerUnit(variable);
    const about = inWords === null ? variable.about : `${variable.about} The default is ${inWords}.`;
    return `${toComment(about)}
# ${variable.name}=${variable.value}`;
  };
  return toText([
    toComment(EXAMPLE_INTRODUCTION),
    ...groups.flatMap(({ title, variables }) => [`# == ${title} ==`, ...variables.map(toBlock)]),
  ]);
}

const EXAMPLE_INTRODUCTION = `Generated from ${VARIABLES} by \`npm run generate\`: do not edit. All variables with their defaults. To set some, copy this file to .env, and remove the \`# \` in front of them. \`npm start\` reads it. Other ways to start read it where they are told: \`node --env-file=.env dist/main.js\`, \`docker run --env-file=.env\`. Variables that are set already win. An empty variable counts as not set.`;
