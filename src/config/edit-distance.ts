/**
 * How many characters must be added, dropped, replaced or swapped with the next one to make one text of the other
 * (optimal string alignment). Infinity where it is more than the limit: most texts show that in their first characters.
 */
export function editDistance(from: string, to: string, limit: number): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row += 1) {
    const values = [row];
    let least = row;
    rows.push(values);
    // What is farther from the diagonal than the limit is also more than the limit.
    const last = Math.min(to.length, row + limit);
    for (let column = Math.max(1, row - limit); column <= last; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const value = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
      );
      values[column] = value;
      least = Math.min(least, value);
    }
    // No later row has less.
    if (least > limit) return Infinity;
  }
  const distance = at(from.length, to.length);
  return distance > limit ? Infinity : distance;
}
