import { invalidInput } from '../lib/gateway-error.ts';
import type { ListFilter } from '../upstream/job-list.ts';
import type { JobFilter, JobStatusGroup, Vendor } from './schema.generated.ts';

const MAX_CHARACTERS = 255;
const MAX_TAGS = 50;

type Tags = NonNullable<ListFilter['tags']>;

/**
 * A filter in the words of the qBraid API. Parts that are null, left out or `ALL` do not narrow the list. `status` takes
 * priority over `statusGroup`, which then is not sent. Equal filters become equal JSON, whatever the order of their tags, and
 * whether a vendor is given by `vendor` or by `vendorName`.
 *
 * @throws {GatewayError} `invalid-input` for a part that the qBraid API would refuse, and for two names of different vendors.
 */
export function toListFilter(filter: JobFilter | null | undefined): ListFilter {
  const { provider, statusGroup, status, search, tags } = filter ?? {};
  return {
    ...toVendor(filter ?? {}),
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

function toVendor({ vendor, vendorName }: JobFilter): Pick<ListFilter, 'vendor'> {
  const listed = vendor == null ? null : VENDORS[vendor];
  const named = vendorName == null ? null : toNamedVendor(vendorName);
  if (listed !== null && named !== null && listed.vendor !== named.vendor) {
    throw invalidInput(
      `\`filter.vendor\` and \`filter.vendorName\` must mean the same, got ${vendor} and another name: leave one of them out.`,
    );
  }
  return named ?? listed ?? {};
}

function toNamedVendor(name: string): Pick<ListFilter, 'vendor'> {
  assertText('vendorName', name);
  if (/\p{Cc}/u.test(name)) {
    throw invalidInput('`filter.vendorName` must have no control characters: send the `vendor` of a job.');
  }
  // The word of the qBraid API for every vendor.
  return name === 'all' ? VENDORS.ALL : { vendor: name };
}

/** `ALL` is not sent, as with vendors. */
const STATUS_GROUPS: Readonly<Record<JobStatusGroup, Pick<ListFilter, 'statusGroup'>>> = {
  PENDING: { statusGroup: 'pending' },
  RETURNED: { statusGroup: 'returned' },
  ALL: {},
};

function assertText(part: string, text: string): string {
  const length = countCharacters(text);
  if (length < 1 || length > MAX_CHARACTERS) {
    throw invalidInput(
      `\`filter.${part}\` must have 1 to ${MAX_CHARACTERS} characters, got ${length}: leave it out to list all.`,
    );
  }
  return text;
}

/** An empty object of tags does not narrow the list. */
function toTags(tags: Readonly<Record<string, unknown>>): { readonly tags?: Tags } {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) {
    throw invalidInput(
      `\`filter.tags\` must hold at most ${MAX_TAGS} tags, got ${entries.length}: leave out those that narrow the list least.`,
    );
  }
  for (const tag of entries) assertTag(tag);
  return entries.length === 0
    ? {}
    : {
        tags: Object.fromEntries((entries as [string, Tags[string]][]).sort(([a], [b]) => (a < b ? -1 : 1))),
      };
}

function assertTag([name, value]: readonly [string, unknown]): void {
  const isTag = typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
  const characters = Math.max(countCharacters(name), typeof value === 'string' ? countCharacters(value) : 0);
  if (characters > MAX_CHARACTERS) {
    throw invalidInput(
      `\`filter.tags\` must have names and texts of at most ${MAX_CHARACTERS} characters, got ${characters}: shorten them.`,
    );
  }
  if (!isTag) {
    throw invalidInput(
      `\`filter.tags\` must hold strings, integers and booleans, got another value for ${JSON.stringify(name)}.`,
    );
  }
}

function countCharacters(text: string): number {
  return [...text].length;
}
