/** A content coding of HTTP (RFC 9110, section 8.4.1), the shortest result first. */
const CODINGS = ['br', 'gzip', 'identity'] as const;

export type Coding = (typeof CODINGS)[number];

/** Picks the best content coding that an `Accept-Encoding` allows, and `identity` where it allows none. */
export function toCoding(acceptEncoding: string | null): Coding {
  const weights = new Map((acceptEncoding ?? '').split(',').map(parseItem));
  const weightOf = (coding: Coding) =>
    weights.get(coding) ?? (coding === 'identity' ? 1 : weights.get('*')) ?? 0;
  return CODINGS.find((coding) => weightOf(coding) > 0) ?? 'identity';
}

function parseItem(item: string): [coding: string, weight: number] {
  const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return [coding, weight === undefined ? 1 : Number(weight)];
}
