import { Buffer } from 'node:buffer';
import { isIP } from 'node:net';
import * as z from 'zod/mini';

/** A whole number between two others, and the one that holds where none is set. */
export const wholeNumber = (min: number, max: number, usual: number) =>
  z._default(boundedNumber(min, max, usual), usual);

/** A whole number between two others, or none. The example is for messages. */
export const wholeNumberOrNone = (min: number, max: number, example: number) =>
  z.optional(boundedNumber(min, max, example));

function boundedNumber(min: number, max: number, example: number) {
  const error = `must be a whole number from ${min} to ${max}, such as ${example}`;
  return z
    .pipe(z.string().check(z.regex(/^\d{1,15}$/, { error, abort: true })), z.transform(Number))
    .check(z.refine((value) => value >= min && value <= max, { error }));
}

/** A number from 0 to 1. */
export const share = z.pipe(
  z.string().check(
    z.regex(/^(?:0|1|0?\.\d{1,6}|1\.0+)$/, {
      error: 'must be a number from 0 to 1, such as 0.1',
      abort: true,
    }),
  ),
  z.transform(Number),
);

export const trueOrFalse = z.pipe(
  z.enum(['true', 'false'], { error: 'must be true or false' }),
  z.transform((text) => text === 'true'),
);

/** One of these words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

const hasHttpProtocol = ({ protocol }: URL) => protocol === 'http:' || protocol === 'https:';

const webAddress = (error: string, accepts: (url: URL) => boolean) =>
  z.string().check(z.refine((text) => URL.canParse(text) && accepts(new URL(text)), { error }));

/** The base address of an API, without a slash at its end. */
export const apiUrl = z.pipe(
  webAddress(
    'must be an http or https address without credentials, query or fragment, such as https://api.example.com/v1',
    (url) => hasHttpProtocol(url) && `${url.username}${url.password}` === '' && !/[?#]/.test(url.href),
  ),
  z.transform((text) => new URL(text).href.replace(/\/+$/, '')),
);

/** The address of a proxy, which may hold the credentials for it. */
export const proxyUrl = webAddress(
  'must be an http or https address, such as http://proxy.example.com:3128, with %25 for each % in its password',
  (url) => hasHttpProtocol(url) && isDecodable(url.username + url.password),
);

/** The address of a Redis or Valkey server, which may hold a user and a password: a message must not show it. */
export const redisUrl = z.pipe(
  z.string().check(
    z.refine((text) => isRedisUrl(text.trim()), {
      error:
        'must be an address with redis:, rediss: or unix:, such as rediss://user:password@redis.example.com:6379',
    }),
  ),
  z.transform((text) => text.trim()),
);

const list = z.pipe(
  z.string(),
  z.transform((text) => text.split(',').map((item) => item.trim())),
);

/** Web origins with commas between them, or `*`. */
export const origins = list.check(
  z.refine(
    (items) => items.every((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text)),
    { error: 'must be * or origins such as https://app.example.com, with commas between them' },
  ),
);

/** Addresses and networks with commas between them. */
export const networks = list.check(
  z.refine((items) => items.every(isNetwork), {
    error: 'must be IP addresses or networks such as 10.0.0.0/8, with commas between them',
  }),
);

/** How many bytes a secret must have: as many as the keys that are derived from it. */
const SECRET_BYTES = 32;

/** Secrets with commas between them. A message must not show them. */
export const secrets = list.check(
  z.refine((items) => items.every((text) => Buffer.byteLength(text) >= SECRET_BYTES), {
    error: `must have at least ${SECRET_BYTES} bytes, or be a list of such secrets with commas between them: make one with openssl rand -base64 ${SECRET_BYTES}`,
  }),
);

/** Whether clients can read all of it. In a URL, a password with `#`, `/` or `?` ends where that stands. */
function isRedisUrl(text: string): boolean {
  if (!isDecodable(text)) return false;
  // URL knows no credentials without a host.
  if (text.startsWith('unix:')) return /^unix:\/\/(?:[^:@/]*(?::[^@/]*)?@)?\/[^?#]+(?:\?db=\d+)?$/.test(text);
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  return (
    /^rediss?:$/.test(protocol) && hostname !== '' && /^(?:\/\d*)?$/.test(pathname) && search + hash === ''
  );
}

/** Whether its percent signs begin bytes that are UTF-8 together. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/');
  const family = isIP(address);
  return (
    rest.length === 0 &&
    family !== 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= (family === 4 ? 32 : 128)
  );
}
