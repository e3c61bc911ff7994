interface HistogramProps {
  /** Most frequent first. */
  readonly counts: readonly {
    readonly bitstring: string;
    readonly count: number;
    readonly probability: number;
  }[];
}

const ROW_PX = 28;
/** The rest of the width is for the numbers. */
const LONGEST_PERCENT = 84;
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** A bar for each outcome, as long as its share of the most frequent one. */
export function Histogram({ counts }: HistogramProps) {
  const most = counts[0]?.probability ?? 1;
  const shares = counts
    .map(({ bitstring, probability }) => `${bitstring}: ${percent.format(probability)}`)
    .join(', ');
  return (
    <svg
      className="histogram"
      role="img"
      aria-label={`Histogram: ${shares}`}
      width="100%"
      height={counts.length * ROW_PX}
    >
      {counts.map(({ bitstring, count, probability }, index) => (
        <g key={bitstring} transform={`translate(0 ${index * ROW_PX})`}>
          <title>{`${bitstring}: ${count}`}</title>
          <rect width={`${(probability / most) * LONGEST_PERCENT}%`} height={ROW_PX - 4} rx="4" />
          <text x="8" y={ROW_PX / 2 - 2}>
            {bitstring}
          </text>
          <text x="100%" dx="-8" y={ROW_PX / 2 - 2} className="share">
            {percent.format(probability)}
          </text>
        </g>
      ))}
    </svg>
  );
}
