import fc from 'fast-check';

/** A valid document, with the variables and the name that a client sends with it. */
export interface SentDocument {
  readonly text: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A field as it is written, and the type of what is selected below it. The same response name is the same field. */
type FieldText = readonly [text: string, below?: string];

const ids = (...qrns: string[]) => qrns.map((qrn) => Buffer.from(`Job:${qrn}`).toString('base64url'));
const leaves = (...names: string[]): readonly FieldText[] => names.map((name) => [name]);

const FIELDS: Readonly<Record<string, readonly FieldText[]>> = {
  Query: [
    ['__typename'],
    ['j0: job(qrn: "a:0")', 'Job'],
    ['j1: job(qrn: $qrn)', 'Job'],
    ['j2: job(qrn: "a:1")', 'Job'],
    ['j3: job(qrn: "no:1")', 'Job'],
    [`n0: node(id: "${ids('a:2')}")`, 'Node'],
    ['n1: node(id: $id)', 'Node'],
    [`n2: node(id: "${ids('no:1')}")`, 'Node'],
    [`ns0: nodes(ids: ${JSON.stringify(ids('a:0', 'a:1', 'no:1', 'a:0'))})`, 'Node'],
    ['ns1: nodes(ids: $ids)', 'Node'],
    ['jobs', 'JobConnection'],
    ['l1: jobs(first: $first)', 'JobConnection'],
    ['l2: jobs(first: 2, filter: $filter)', 'JobConnection'],
    ['l3: jobs(last: 1, filter: { status: RUNNING, keys: ["default"] })', 'JobConnection'],
    ['rateLimit', 'RateLimit'],
    ['jobCounts', 'JobCounts'],
    ['c1: jobCounts(keys: ["default"])', 'JobCounts'],
    ['d1: device(qrn: "a:device")', 'Device'],
    ['d2: device(qrn: $qrn)', 'Device'],
  ],
  Node: [['id'], ['__typename'], ['kind: __typename']],
  Job: [
    ...leaves(
      'id',
      'qrn',
      'name',
      'status',
      'statusMsg',
      'shots',
      'numCircuits',
      'deviceQrn',
      'vendor',
      'tags',
    ),
    ...leaves(
      'provider',
      'experimentType',
      'runtimeOptions',
      'metadata',
      'batchJobQrn',
      'queuePosition',
      'cost',
    ),
    ...leaves('createdAt', 'updatedAt', 'estimatedCost', 'isTerminal', 'keys', 'fetchedAt', '__typename'),
    ...leaves(
      't0: tag(key: "__proto__")',
      't1: tag(key: "constructor")',
      't2: tag(key: $key)',
      't3: tag(key: "a")',
    ),
    ...leaves('__proto__: status', 'constructor: qrn', 'toJSON: name'),
    ['device', 'Device'],
    ['result', 'JobResult'],
    ['timeStamps', 'JobTimeStamps'],
    ['times: timeStamps', 'JobTimeStamps'],
    ['batchJob', 'Job'],
  ],
  JobResult: [
    ...leaves('shots', 'data', '__typename'),
    ['measurementCounts', 'MeasurementCount'],
    ['m1: measurementCounts(first: $first)', 'MeasurementCount'],
  ],
  MeasurementCount: leaves('bitstring', 'count', 'probability', '__typename'),
  Device: [
    ...leaves('qrn', 'name', 'deviceType', 'vendor', 'status', 'statusMsg', 'queueDepth', '__typename'),
    ['pricing', 'DevicePricing'],
  ],
  DevicePricing: leaves('perTask', 'perShot', 'perMinute'),
  JobCounts: [
    ...leaves('total', 'active', 'isStale', 'fetchedAt', '__typename'),
    ['byStatus', 'JobStatusCount'],
    ['sources', 'JobSource'],
  ],
  JobStatusCount: leaves('status', 'count', '__typename'),
  JobTimeStamps: leaves('createdAt', 'endedAt', 'executionDuration', '__typename'),
  JobConnection: [
    ['edges', 'JobEdge'],
    ['nodes', 'Job'],
    ['pageInfo', 'PageInfo'],
    ['sources', 'JobSource'],
    ['s0: sources', 'JobSource'],
    ...leaves('totalCount', 'isStale', 'fetchedAt', '__typename'),
  ],
  JobEdge: [...leaves('cursor', '__typename'), ['node', 'Job']],
  PageInfo: leaves('hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor', '__typename'),
  JobSource: [...leaves('key', 'totalCount'), ['error', 'JobSourceError'], ['e0: error', 'JobSourceError']],
  JobSourceError: leaves('code', 'message', 'retryAfterMs', '__typename'),
  RateLimit: leaves('key', 'limit', 'used', 'remaining', 'resetAt'),
};

/** The named fragments: their types. Each may spread those that come later. */
const FRAGMENTS: Readonly<Record<string, string>> = {
  Root: 'Query',
  List: 'JobConnection',
  AnyNode: 'Node',
  AnyJob: 'Job',
  SomeJob: 'Job',
};

/** Which types a fragment may be written for, within a type. */
const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  Node: ['Node', 'Job'],
  Job: ['Job', 'Node'],
};

interface Variable {
  readonly name: string;
  /** Its type, without and with a default. */
  readonly types: readonly [string, string];
  readonly right: readonly unknown[];
  readonly wrong: unknown;
}

const VARIABLES: readonly Variable[] = [
  { name: 'qrn', types: ['String!', 'String = "a:3"'], right: ['a:0', 'a:1', 'a:2', 'no:1', ''], wrong: 1 },
  { name: 'id', types: ['ID!', 'ID = "a"'], right: [...ids('a:1', 'no:1'), 'a', 1], wrong: {} },
  {
    name: 'ids',
    types: ['[ID!]!', '[ID!] = []'],
    right: [ids('a:0', 'a:3'), [], ids('a:1')[0]],
    wrong: [null],
  },
  { name: 'key', types: ['String!', 'String = "__proto__"'], right: ['a', 'toString', '', 'b"'], wrong: [] },
  { name: 'first', types: ['Int', 'Int = 2'], right: [0, 1, 3, 500, null], wrong: 1.5 },
  {
    name: 'filter',
    types: ['JobFilter', 'JobFilter = { status: QUEUED }'],
    right: [
      {},
      { status: 'RUNNING' },
      { keys: ['default', 'bob'] },
      { tags: { a: 1 } },
      { vendor: 'AWS', vendorName: 'ibm' },
      { keys: ['no'] },
      null,
    ],
    wrong: { other: 1 },
  },
  { name: 'yes', types: ['Boolean!', 'Boolean = true'], right: [true, true, false], wrong: 'yes' },
  { name: 'no', types: ['Boolean!', 'Boolean = false'], right: [true, false, false], wrong: 0 },
];

const anyDirective = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ' @skip(if: $no)',
      ' @include(if: $yes)',
      ' @skip(if: $yes)',
      ' @include(if: $no) @skip(if: $yes)',
      ' @skip(if: true)',
      ' @include(if: true) @skip(if: false)',
      ' @include(if: false)',
    ),
  },
);

const known = new Map<string, fc.Arbitrary<string>>();

function anySpread(names: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...names), anyDirective).map((parts) => `...${parts.join('')}`);
}

/** Any selection set of a type. @param fragments those that it may spread. */
function anySet(type: string, depth: number, fragments: readonly string[]): fc.Arbitrary<string> {
  const name = [type, depth, ...fragments].join();
  const before = known.get(name);
  if (before !== undefined) return before;
  const conditions = CONDITIONS[type] ?? [type];
  const fields = (FIELDS[type] ?? []).filter(([, below]) => below === undefined || depth > 0);
  const anyField = fc.constantFrom(...fields).chain(([text, below]) => {
    const set = below === undefined ? fc.constant('') : anySet(below, depth - 1, fragments);
    return fc.tuple(anyDirective, set).map(([directive, body]) => `${text}${directive}${body}`);
  });
  const anyInline = fc
    .constantFrom('', ...conditions.map((condition) => ` on ${condition}`))
    .chain((condition) => {
      const set = anySet(condition.slice(4) || type, depth - 1, fragments);
      return fc.tuple(anyDirective, set).map(([directive, body]) => `...${condition}${directive}${body}`);
    });
  const spreads = fragments.filter((fragment) => conditions.includes(FRAGMENTS[fragment] ?? ''));
  const anySelection = fc.oneof(
    { weight: 6, arbitrary: anyField },
    ...(depth > 0 ? [{ weight: 1, arbitrary: anyInline }] : []),
    ...(spreads.length > 0 ? [{ weight: 1, arbitrary: anySpread(spreads) }] : []),
  );
  const set = fc
    .array(anySelection, { minLength: 1, maxLength: 5 })
    .map((selections) => ` { ${selections.join(' ')} }`);
  known.set(name, set);
  return set;
}

const names = Object.keys(FRAGMENTS);

const anyFragments = fc.tuple(
  ...names.map((name, index) => anySet(FRAGMENTS[name] ?? '', 2, names.slice(index + 1))),
);

const anyVariables = fc.tuple(
  ...VARIABLES.map(({ right, wrong }) =>
    fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(...right) },
      { weight: 1, arbitrary: fc.constantFrom(wrong, null, undefined) },
    ),
  ),
);

/** Any query of our schema: whatever a client may nest, merge, name, spread and leave out. */
export const anyOperation: fc.Arbitrary<SentDocument> = fc
  .record({
    sets: fc.array(anySet('Query', 4, names), { minLength: 1, maxLength: 2 }),
    fragments: anyFragments,
    values: anyVariables,
    withDefaults: fc.boolean(),
  })
  .map(({ sets, fragments, values, withDefaults }) => {
    const bodyOf = new Map(names.map((name, index) => [name, fragments[index] ?? '']));
    const operations = sets.map((set, index) => {
      const whole = [set, ...reach(set, bodyOf).map((name) => bodyOf.get(name))].join();
      const declared = VARIABLES.filter(({ name }) => new RegExp(`\\$${name}\\b`).test(whole));
      const list = declared.map(({ name, types }) => `$${name}: ${types[withDefaults ? 1 : 0]}`).join(', ');
      return `query Q${index}${list === '' ? '' : `(${list})`}${set}`;
    });
    const used = reach(sets.join(), bodyOf).map(
      (name) => `fragment ${name} on ${FRAGMENTS[name]}${bodyOf.get(name)}`,
    );
    return {
      text: [...operations, ...used].join('\n'),
      operationName: sets.length > 1 ? 'Q1' : null,
      variables: JSON.parse(
        JSON.stringify(Object.fromEntries(VARIABLES.map(({ name }, i) => [name, values[i]]))),
      ),
    };
  });

/** The fragments that a text spreads, by itself or by others. */
function reach(text: string, bodyOf: ReadonlyMap<string, string>): readonly string[] {
  const found = new Set<string>();
  const look = (part: string) => {
    for (const name of names) {
      if (found.has(name) || !new RegExp(`\\.\\.\\.${name}\\b`).test(part)) continue;
      found.add(name);
      look(bodyOf.get(name) ?? '');
    }
  };
  look(text);
  return [...found];
}
