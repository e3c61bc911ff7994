/** One family of metrics, as Prometheus reads it. */
export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  /** All label names that its samples have. */
  readonly labels: ReadonlySet<string>;
  /** The values of its samples, by their text before the value. */
  readonly samples: Readonly<Record<string, number>>;
}

/** Reads the exposition format of Prometheus: the families, by name. */
export function readMetrics(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<
    string,
    { type: string; help: string; labels: Set<string>; samples: Record<string, number> }
  >();
  let current = { type: '', help: '', labels: new Set<string>(), samples: {} as Record<string, number> };
  for (const line of text.split('\n')) {
    const [, help, name = '', words = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (help === 'HELP') {
      current = { type: '', help: words, labels: new Set(), samples: {} };
      families.set(name, current);
    } else if (help === 'TYPE') current.type = words;
    const [, sample = '', labels = '', value] = /^([\w:]+(?:\{(.*)\})?) (\S+)$/.exec(line) ?? [];
    if (value === undefined) continue;
    current.samples[sample] = Number(value);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) current.labels.add(label);
  }
  return families;
}
