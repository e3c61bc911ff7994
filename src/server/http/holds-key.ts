/** The headers in which keys stand, also by mistake. */
const KEY_HEADERS = ['x-api-key', 'x-api-keys', 'authorization', 'proxy-authorization'];

/** How many characters of a key, one after the other, are too many. A shorter key counts as a whole. */
const MAX_SHARED_CHARACTERS = 8;

/**
 * Whether a text holds a key of the request, or a part of one. For texts of the client that would go into the log or the
 * answer. Case makes no difference.
 */
export function holdsKey(text: string, headers: Pick<Headers, 'get'>): boolean {
  const partsOfText = new PartsOfText(text.toLowerCase());
  return KEY_HEADERS.flatMap((name) => readSecrets(headers.get(name) ?? '')).some((secret) =>
    sharesPart(partsOfText, secret.toLowerCase()),
  );
}

/** All that may be a key: what stands alone or behind a label, and a label or scheme that is long enough for one. */
function readSecrets(header: string): readonly string[] {
  return header.split(/[\s,;]+/).flatMap((item) => {
    const separator = item.indexOf('=');
    const [label, key] = [item.slice(0, Math.max(separator, 0)), item.slice(separator + 1)];
    return [label.length < MAX_SHARED_CHARACTERS ? '' : label, key].filter((secret) => secret !== '');
  });
}

function sharesPart(partsOfText: PartsOfText, secret: string): boolean {
  const size = Math.min(MAX_SHARED_CHARACTERS, secret.length);
  const known = partsOfText.ofSize(size);
  for (let start = 0; start + size <= secret.length; start += 1) {
    if (known.has(secret.slice(start, start + size))) return true;
  }
  return false;
}

/** The parts of a text by their size. Headers may hold thousands of secrets: the text is taken apart once for all. */
class PartsOfText {
  readonly #text: string;
  readonly #bySize = new Map<number, ReadonlySet<string>>();

  constructor(text: string) {
    this.#text = text;
  }

  ofSize(size: number): ReadonlySet<string> {
    const known = this.#bySize.get(size) ?? this.#read(size);
    this.#bySize.set(size, known);
    return known;
  }

  #read(size: number): ReadonlySet<string> {
    const count = Math.max(0, this.#text.length - size + 1);
    return new Set(Array.from({ length: count }, (_, start) => this.#text.slice(start, start + size)));
  }
}
