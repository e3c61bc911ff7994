import { toNumber, toPercent } from './formats.js';

const SVG = 'http://www.w3.org/2000/svg';
const ROW_HEIGHT = 26;
/** How far the longest bar reaches, in percent of the width. The outcomes stand on the bars, the numbers behind them. */
const LONGEST_BAR = 62;
/** How far the text stands from the edges, in pixels. */
const MARGIN = 8;
/** Longer outcomes are cut: their middle tells the least. */
const SHOWN_CHARACTERS = 16;

/** Draws how often each outcome was measured: one bar for each, in the order in which they come. */
export function drawHistogram(counts) {
  const most = Math.max(...counts.map(({ count }) => count), 1);
  const svg = draw('svg', {
    class: 'histogram',
    role: 'img',
    width: '100%',
    height: counts.length * ROW_HEIGHT,
  });
  const label = counts
    .map(({ bitstring, probability }) => `${bitstring}: ${toPercent(probability)}`)
    .join(', ');
  svg.setAttribute('aria-label', `Outcomes: ${label}`);
  for (const [index, { bitstring, count, probability }] of counts.entries()) {
    const y = index * ROW_HEIGHT;
    const width = (count / most) * LONGEST_BAR;
    const middle = y + ROW_HEIGHT / 2;
    const numbers = `${toNumber(count)} · ${toPercent(probability)}`;
    svg.append(
      draw('rect', { y: y + 2, width: `${width}%`, height: ROW_HEIGHT - 4, rx: 3 }),
      draw('text', { x: MARGIN, y: middle, class: 'outcome' }, shorten(bitstring)),
      draw('text', { x: '100%', dx: -MARGIN, y: middle, class: 'numbers' }, numbers),
    );
  }
  return svg;
}

function draw(tag, attributes, text = '') {
  const drawn = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) drawn.setAttribute(name, value);
  if (text !== '') drawn.append(text);
  return drawn;
}

function shorten(bitstring) {
  if (bitstring.length <= SHOWN_CHARACTERS) return bitstring;
  const half = SHOWN_CHARACTERS / 2 - 1;
  return `${bitstring.slice(0, half)}…${bitstring.slice(-half)}`;
}
