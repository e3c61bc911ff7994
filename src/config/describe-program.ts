import { readVersion } from './read-version.ts';

/** What `--help` prints: the commands, and where the variables are explained. */
export function describeProgram(): string {
  return `qbraid-graphql-gateway ${readVersion()}: a GraphQL gateway in front of the quantum jobs of the qBraid API.

Usage: node dist/main.js [command]

Commands:
  gateway   Serve GraphQL over the qBraid API. This is the command where none is given.
  demo      Serve GraphQL over a sandbox of the qBraid API, with keys and examples filled in.
  sandbox   Serve the sandbox of the qBraid API alone.

Options:
  -h, --help      Print this text.
  -V, --version   Print the version.

Environment variables configure the program. .env.example lists and explains all of them, with their defaults. \`npm start\`
reads them from .env, too. To read them from a file without npm: node --env-file=.env dist/main.js

Signals: SIGTERM and SIGINT end the program after its requests are answered. SIGHUP reads KEYRINGS_FILE again, if it is set.`;
}
