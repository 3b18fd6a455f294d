import type { Direction, Trial } from '../../../tune/trial.ts';
import { formatCount, formatSignificant, typeset } from '../../text/format.ts';

/** A number by which trials are compared. */
export interface Objective {
  /** As it stands in sentences: `error`. */
  readonly label: string;
  /** Of its values; empty where they have none that a reader would know. */
  readonly unit: string;
  readonly direction: Direction;
  /** Finite, or null where the trial has none. */
  valueOf(trial: Trial): number | null;
}

/** A trial with its finite value. */
export interface Valued {
  readonly trial: Trial;
  readonly value: number;
}

/** The trial's i-th value; of a pruned trial this is its last report. */
export function objectiveAt(index: number, label: string, direction: Direction, unit = ''): Objective {
  const read = ({ values }: Trial) => {
    const value = values?.[index];
    return value !== undefined && Number.isFinite(value) ? value : null;
  };
  return { label, unit, direction, valueOf: read };
}

/** As it stands at an axis: `time (s)`. */
export function nameAxis({ label, unit }: Objective): string {
  return unit === '' ? label : `${label} (${unit})`;
}

/** Trials of a state that have a value, in order. */
export function selectValued(trials: readonly Trial[], objective: Objective, state: Trial['state']): Valued[] {
  return trials
    .filter((trial) => trial.state === state)
    .map((trial) => ({ trial, value: objective.valueOf(trial) }))
    .filter((entry): entry is Valued => entry.value !== null);
}

export function isBetter({ direction }: Objective, a: number, b: number): boolean {
  return direction === 'maximize' ? a > b : a < b;
}

/** Complete trials from the best on; the earlier of equals first. */
export function rankTrials(trials: readonly Trial[], objective: Objective): Valued[] {
  const sign = objective.direction === 'maximize' ? -1 : 1;
  return selectValued(trials, objective, 'complete').sort((a, b) => sign * (a.value - b.value));
}

/** The best tenth, at least one where there are any. */
export function selectBestTenth(ranked: readonly Valued[]): readonly Valued[] {
  return ranked.slice(0, Math.ceil(ranked.length / 10));
}

/** `smallest` or `largest`. */
export function superlative({ direction }: Objective): string {
  return direction === 'maximize' ? 'largest' : 'smallest';
}

/** The interval that an axis shows, and how many values lie beyond its worse end and are drawn there. */
export interface ValueRange {
  readonly domain: readonly [number, number];
  readonly beyond: number;
  /** The value's place on the axis. */
  readonly clamp: (value: number) => number;
}

/** How many times the spread of the middle half a value may lie from it before it hides the rest. */
const farOut = 3;

/** An interval around all values but those so bad that the others could not be told apart. */
export function findValueRange(values: readonly number[], { direction }: Objective): ValueRange {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const room = farOut * (at(0.75) - at(0.25));
  let low = sorted[0];
  let high = sorted[sorted.length - 1];
  if (direction === 'maximize') low = sorted.find((value) => value >= at(0.25) - room) as number;
  else high = sorted.findLast((value) => value <= at(0.75) + room) as number;
  const beyond = values.filter((value) => value < low || value > high).length;
  // Equal values lie in the middle, whatever their size; the name of the best stands beyond the better end.
  const width = high > low ? high - low : Math.max(1e-9, Math.abs(high) * 0.1);
  const [better, worse] = [0.12 * width, 0.03 * width];
  const domain =
    direction === 'maximize' ? ([low - worse, high + better] as const) : ([low - better, high + worse] as const);
  return { domain, beyond, clamp: (value) => Math.max(domain[0], Math.min(domain[1], value)) };
}

/** A value of an objective as text: four digits tell trials apart that differ by a thousandth. */
export function formatValue(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (size >= 10 ** digits && size < 1e9) return typeset(formatCount(Math.round(value)));
  return typeset(formatSignificant(value, digits));
}

/** Two values as text that differs where they do, in as many digits as that takes, up to nine. */
export function formatApart(a: number, b: number): [string, string] {
  let digits = 4;
  while (digits < 9 && formatValue(a, digits) === formatValue(b, digits)) digits++;
  return [formatValue(a, digits), formatValue(b, digits)];
}

/** A sentence on values drawn at the edge; empty where there are none. */
export function describeBeyond({ beyond }: ValueRange): string {
  if (beyond === 0) return '';
  return beyond === 1
    ? ' One far worse value is drawn at the edge.'
    : ` ${beyond} far worse values are drawn at the edge.`;
}
