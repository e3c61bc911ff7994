import type { MetricFamily } from './read-metrics.ts';

/** What a service exposes. */
export interface Exposed {
  readonly families: ReadonlyMap<string, MetricFamily>;
  /** The values that a label may have, for labels with few. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** The functions that our queries use, beside `rate` and `increase`. */
const FUNCTIONS = ['histogram_quantile', 'max', 'sum', 'topk'];

/** Labels that Prometheus itself adds. */
const TARGET_LABELS = ['job', 'instance'];

const SUFFIX = /_(?:bucket|sum|count)$/;

/** A metric in a query, and what is asked of it. */
interface Selector {
  readonly name: string;
  readonly matchers: string;
  readonly isRate: boolean;
}

/**
 * Names what is wrong in a query of PromQL: functions, metrics and labels that are not there, histograms without a
 * suffix, counters without a rate, and matchers with a value that the label cannot have.
 */
export function findQueryFaults(query: string, exposed: Exposed): string[] {
  const [, inner, variable] = /^label_values\((.*), (\w+)\)$/s.exec(query) ?? [];
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  const plain = (inner ?? query).replaceAll(/\[[^\]]*\]|\bby \([^)]*\)|\bor\b/g, '');
  const words = [...plain.matchAll(/(?<![\w.$])(?:(rate|increase)\()?([a-z_]\w*)(\{[^}]*\})?\s*(\()?/g)];
  const functions = words.filter(({ 4: bracket }) => bracket).map(({ 2: name = '' }) => name);
  const selectors = words
    .filter(({ 4: bracket }) => !bracket)
    .map(({ 1: rate, 2: name = '', 3: matchers = '' }) => ({ name, matchers, isRate: rate !== undefined }));
  const known = new Set([...TARGET_LABELS, ...selectors.flatMap(({ name }) => labelsOf(name, exposed))]);
  return [
    ...functions.filter((name) => !FUNCTIONS.includes(name)).map((name) => `unknown function ${name}`),
    ...selectors.filter(({ name }) => name !== 'up').flatMap((selector) => findFaults(selector, exposed)),
    ...[...grouped, ...(variable === undefined ? [] : [variable])]
      .filter((label) => !known.has(label))
      .map((label) => `no label ${label}`),
  ];
}

function familyOf(name: string, { families }: Exposed): MetricFamily | undefined {
  const own = families.get(name);
  if (own !== undefined) return own.type === 'histogram' ? undefined : own;
  const family = families.get(name.replace(SUFFIX, ''));
  return family?.type === 'histogram' ? family : undefined;
}

function labelsOf(name: string, exposed: Exposed): readonly string[] {
  const labels = [...(familyOf(name, exposed)?.labels ?? [])];
  return labels.filter((label) => label !== 'le' || name.endsWith('_bucket'));
}

function findFaults({ name, matchers, isRate }: Selector, exposed: Exposed): string[] {
  const family = familyOf(name, exposed);
  if (family === undefined) return [`no metric ${name}`];
  const labels = [...labelsOf(name, exposed), ...TARGET_LABELS];
  const faults = [...matchers.matchAll(/(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"/g)].flatMap(
    ([, label = '', operator = '', text = '']) => {
      if (!labels.includes(label)) return [`no label ${label} of ${name}`];
      const options = operator.endsWith('~') ? text.split('|') : [text];
      const impossible = options.filter((option) => exposed.values[label]?.includes(option) === false);
      return impossible.map((option) => `no ${label} ${option} of ${name}`);
    },
  );
  return family.type === 'counter' && !isRate ? [`${name} without a rate`, ...faults] : faults;
}
