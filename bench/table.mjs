import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/performance.md';

/** A table that can be read as it is and as markdown: the first `texts` columns hold texts, the others numbers. */
export function toTable(columns, rows, texts = 1) {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index].length)),
  );
  const toLine = (cells) => `| ${cells.join(' | ')} |`;
  const pad = (cell, index) => (index < texts ? cell.padEnd(widths[index]) : cell.padStart(widths[index]));
  const rule = widths.map((width, index) =>
    index < texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [toLine(columns.map(pad)), toLine(rule), ...rows.map((row) => toLine(row.map(pad)))].join('\n');
}

/** Puts a text between the two comments of this name in the page about performance. */
export function writeBetweenMarkers(name, text) {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${PAGE} has no markers for ${name}`);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}

export const whole = (number) => Math.round(number).toLocaleString('en');
export const decimals = (number, count) => number.toFixed(count);
