/** A number with fixed decimals, or `–` where it is undefined. The sign is a hyphen; see `typeset`. */
export function formatNumber(value: number | null, decimals: number): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** A number with significant digits, for columns whose units are far apart. */
export function formatSignificant(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 10 ** digits ? value.toPrecision(digits) : value.toExponential(digits - 1);
}

/** With its sign: `+1.9`; `0.0` has none. */
export function formatSigned(value: number, decimals: number): string {
  const text = formatNumber(value, decimals);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** Decimals, at least as many as wanted, with which no value looks like 0 but 0 itself; all with as many, to be compared. */
export function keepSigns(values: readonly number[], decimals: number): number {
  const vanishes = (digits: number) => values.some((value) => value !== 0 && Number(value.toFixed(digits)) === 0);
  let digits = decimals;
  // What is smaller still is rounding.
  while (digits < 9 && vanishes(digits)) digits++;
  return digits;
}

/** A probability with three decimals, or which end of the scale it is nearer to than these can tell. */
export function formatProbability(p: number | null): string {
  if (p === null) return '–';
  if (p < 0.001) return '< 0.001';
  return p > 0.999 && p < 1 ? '> 0.999' : p.toFixed(3);
}

/** A duration: `0.02 s`, `41.3 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A count with thin groups of three: `4,771`. The same in every locale. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The text of numbers with true minus signs, for HTML; exponents keep theirs. */
export function typeset(text: string): string {
  return text.replace(/(?<!\w)-(?=\d)/g, '−');
}

/** Control characters could move the cursor or colour the screen. */
export function stripControls(name: string): string {
  return name.replace(/\p{Cc}/gu, '');
}
