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

/** A probability: three decimals, or a power of ten where those would be 0. */
export function formatProbability(p: number | null): string {
  if (p === null) return '–';
  if (p === 0) return '< 1e-300';
  return p < 0.001 ? p.toExponential(0) : p.toFixed(3);
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
