import { invalidInput } from '../lib/gateway-error.ts';
import type { ListFilter } from '../upstream/job-list.ts';
import type { JobFilter, JobStatusGroup, Vendor } from './schema.generated.ts';

const MAX_SEARCH_CHARACTERS = 255;

type Tags = NonNullable<ListFilter['tags']>;

/**
 * A filter in the words of the qBraid API. Parts that are null, left out or `ALL` do not narrow the list. `status` takes
 * priority over `statusGroup`, which then is not sent. Equal filters become equal JSON, whatever the order of their tags.
 *
 * @throws {GatewayError} `invalid-input` for a part that the qBraid API would refuse.
 */
export function toListFilter(filter: JobFilter | null | undefined): ListFilter {
  const { vendor, provider, statusGroup, status, search, tags } = filter ?? {};
  return {
    ...(vendor == null ? {} : VENDORS[vendor]),
    ...(provider == null ? {} : { provider: assertText('provider', provider) }),
    ...(statusGroup == null || status != null ? {} : STATUS_GROUPS[statusGroup]),
    ...(status == null ? {} : { status }),
    ...(search == null ? {} : { search: assertText('search', search) }),
    ...(tags == null ? {} : toTags(tags)),
  };
}

/** `ALL` is not sent: the list of all vendors is the list without the part, in the cache as well. */
const VENDORS: Readonly<Record<Vendor, Pick<ListFilter, 'vendor'>>> = {
  AWS: { vendor: 'aws' },
  AZURE: { vendor: 'azure' },
  IBM: { vendor: 'ibm' },
  IONQ: { vendor: 'ionq' },
  QBRAID: { vendor: 'qbraid' },
  ALL: {},
};

/** `ALL` is not sent, as with vendors. */
const STATUS_GROUPS: Readonly<Record<JobStatusGroup, Pick<ListFilter, 'statusGroup'>>> = {
  PENDING: { statusGroup: 'pending' },
  RETURNED: { statusGroup: 'returned' },
  ALL: {},
};

function assertText(part: string, text: string): string {
  const { length } = [...text];
  if (length < 1 || length > MAX_SEARCH_CHARACTERS) {
    throw invalidInput(
      `\`filter.${part}\` must have 1 to ${MAX_SEARCH_CHARACTERS} characters, got ${length}: leave it out to list all.`,
    );
  }
  return text;
}

/** An empty object of tags does not narrow the list. */
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
