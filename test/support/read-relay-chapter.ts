import { readFileSync } from 'node:fs';

/** What the chapter about Relay in `docs/clients.md` shows in this language: its first block of code. */
export function readRelayChapter(language: 'graphql' | 'json'): string {
  const [, chapter = ''] = /^## Relay\n(.*?)^## /ms.exec(readFileSync('docs/clients.md', 'utf8')) ?? [];
  const [, code] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(chapter) ?? [];
  if (code === undefined) throw new Error(`docs/clients.md must show ${language} for Relay, but does not.`);
  return code;
}
