import { invalidInput } from '../lib/gateway-error.ts';
import type { ListFilter } from '../upstream/job-list.ts';
import type { JobFilter } from './schema.generated.ts';

const MAX_SEARCH_CHARACTERS = 255;

type Tags = NonNullable<ListFilter['tags']>;

/**
 * The service's words for a filter. Parts that are null or left out do not narrow the list; `status` takes priority
 * over `statusGroup`, which then is not sent. Equal filters come out as equal JSON, whatever the order of their tags.
 *
 * @throws {GatewayError} `invalid-input` for a part that the service would refuse.
 */
export function toListFilter(filter: JobFilter | null | undefined): ListFilter {
  const { vendor, provider, statusGroup, status, search, tags } = filter ?? {};
  return {
    ...(vendor == null ? {} : { vendor: vendor.toLowerCase() }),
    ...(provider == null ? {} : { provider: assertText('provider', provider) }),
    ...(statusGroup == null || status != null ? {} : { statusGroup: STATUS_GROUPS[statusGroup] }),
    ...(status == null ? {} : { status }),
    ...(search == null ? {} : { search: assertText('search', search) }),
    ...(tags == null ? {} : toTags(tags)),
  };
}

const STATUS_GROUPS = { ALL: 'all', PENDING: 'pending', RETURNED: 'returned' } as const;

function assertText(part: string, text: string): string {
  const { length } = [...text];
  if (length < 1 || length > MAX_SEARCH_CHARACTERS) {
    throw invalidInput(
      `\`filter.${part}\` must have 1 to ${MAX_SEARCH_CHARACTERS} characters, got ${length}: leave it out to list all.`,
    );
  }
  return text;
}

/** No tags ask for nothing. */
function toTags(tags: Readonly<Record<string, unknown>>): { readonly tags?: Tags } {
  const entries = Object.entries(tags).map(([name, value]): [string, string | number | boolean] => {
    const isTag = typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
    if (!isTag) {
      throw invalidInput(
        `\`filter.tags\` must hold strings, integers and booleans, got another value for ${JSON.stringify(name)}.`,
      );
    }
    return [name, value as string | number | boolean];
  });
  return entries.length === 0
    ? {}
    : { tags: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
