const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const instant = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Stands for what is not known. */
const NOTHING = '–';

/** @param {number | null | undefined} value */
export function toNumber(value) {
  return value == null ? NOTHING : number.format(value);
}

/** @param {number} share from 0 to 1 */
export function toPercent(share) {
  return percent.format(share);
}

/** @param {string | null | undefined} text an instant as the gateway writes it */
export function toInstant(text) {
  return text == null ? NOTHING : instant.format(new Date(text));
}

/** @param {string | null | undefined} text */
export function toText(text) {
  return text || NOTHING;
}
