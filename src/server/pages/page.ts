import { ASSETS_PATH, AssetFolder } from './asset-folder.ts';
import { createDocument } from './create-document.ts';
import { readPageFiles } from './read-page-files.ts';

/** What a page is made of. */
export interface PageOptions {
  /** Its folder in `pages/`: `index.html`, and the files that this loads. */
  readonly name: string;
  /** What the scripts of the page find as JSON in `document.body.dataset.page`. */
  readonly data: unknown;
  /** What the page may load beside its own scripts: directives of a Content-Security-Policy. */
  readonly allow: readonly string[];
  /** Reads the files that the page loads from packages, by the names that they have in the page. */
  loadPackages(): Promise<Readonly<Record<string, string>>>;
}

/** What is read of a page once. */
interface Parts {
  readonly html: string;
  readonly assets: AssetFolder;
}

/** Makes responses: that of Yoga or of Node. */
interface FetchAPI {
  readonly Response: typeof globalThis.Response;
}

/** A page with all that it loads. Its files are read when somebody first opens it: most gateways never need them. */
export class Page {
  readonly #options: PageOptions;
  #parts: Promise<Parts> | null = null;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  /** Answers with the document of the page. */
  async open(fetchAPI: FetchAPI): Promise<Response> {
    const { data, allow } = this.#options;
    const { html, assets } = await this.#load();
    const values: Readonly<Record<string, string>> = {
      assets: assets.path,
      data: JSON.stringify(data).replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
    };
    const render = (nonce: string) =>
      html.replaceAll(/\{(assets|data|nonce)\}/g, (_, name) => values[name] ?? nonce);
    return createDocument({ allow, render }, fetchAPI);
  }

  /** Answers with one of the files that the page loads; null if the page has none at this path. */
  async find(pathname: string, headers: Pick<Headers, 'get'>, fetchAPI: FetchAPI): Promise<Response | null> {
    if (!pathname.startsWith(`${ASSETS_PATH}${this.#options.name}-`)) return null;
    const { assets } = await this.#load();
    return assets.find(pathname, headers, fetchAPI);
  }

  #load(): Promise<Parts> {
    this.#parts ??= load(this.#options);
    return this.#parts;
  }
}

async function load({ name, loadPackages }: PageOptions): Promise<Parts> {
  const { 'index.html': html = '', ...files } = readPageFiles(name);
  return { html, assets: new AssetFolder(name, { ...files, ...(await loadPackages()) }) };
}
