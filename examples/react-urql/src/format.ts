const credits = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const time = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** A number of credits (100 credits = 1 US dollar). */
export function formatCredits(value: number): string {
  return credits.format(value);
}

/** An instant in the time of the browser. */
export function formatTime(value: string): string {
  return time.format(new Date(value));
}
