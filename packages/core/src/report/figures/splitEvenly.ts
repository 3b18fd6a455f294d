/**
 * Rows in ascending order of their values, cut into groups of equal size, of which there are at most `groups`; rows of
 * equal value stay together, so that a constant makes a single group.
 * Shapes: values (rows); each group lists rows.
 */
export function splitEvenly(values: Float64Array, groups: number): Uint32Array[] {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const size = Math.max(1, Math.ceil(order.length / groups));
  const found: Uint32Array[] = [];
  for (let start = 0; start < order.length; ) {
    let end = Math.min(start + size, order.length);
    while (end < order.length && values[order[end]] === values[order[end - 1]]) end++;
    found.push(order.subarray(start, end));
    start = end;
  }
  return found;
}
