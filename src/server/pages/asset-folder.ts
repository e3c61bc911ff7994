import { createHash } from 'node:crypto';
import { CodedText } from './coded-text.ts';
import { toCoding } from './to-coding.ts';

/** Where all assets are. */
export const ASSETS_PATH = '/assets/';

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** As much of a digest as no two versions of a folder share. */
const DIGEST_CHARACTERS = 16;

/**
 * The files that a page loads. The address of their folder has a digest of them all, so that browsers keep them for as long
 * as they like: other files have another address.
 */
export class AssetFolder {
  /** The address of the folder, with a `/` at its end. */
  readonly path: string;
  readonly #files: ReadonlyMap<string, CodedText>;

  /**
   * @param name tells the folder from others
   * @param files the texts of the files by their names, which end with `.js` or `.css`
   */
  constructor(name: string, files: Readonly<Record<string, string>>) {
    const digest = createHash('sha256');
    for (const [file, text] of Object.entries(files)) digest.update(`${file}\n${text.length}\n`).update(text);
    this.path = `${ASSETS_PATH}${name}-${digest.digest('hex').slice(0, DIGEST_CHARACTERS)}/`;
    this.#files = new Map(Object.entries(files).map(([file, text]) => [file, new CodedText(text)]));
  }

  /** Answers with the file at this path, in the coding that suits the client best; null if there is none. */
  async find(
    pathname: string,
    headers: Pick<Headers, 'get'>,
    { Response }: { Response: typeof globalThis.Response },
  ): Promise<Response | null> {
    if (!pathname.startsWith(this.path)) return null;
    const file = pathname.slice(this.path.length);
    const text = this.#files.get(file);
    if (text === undefined) return null;
    const coding = toCoding(headers.get('accept-encoding'));
    // Its memory is not shared, which only the types do not know.
    const bytes = (await text.in(coding)) as Uint8Array<ArrayBuffer>;
    return new Response(bytes, {
      headers: {
        'content-type': TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'text/plain',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
        ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
      },
    });
  }
}
