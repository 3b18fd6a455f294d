import { ConfigError } from '../errors.ts';

/** A value that a categorical parameter can have. */
export type Choice = number | string | boolean | null;

/** From what a parameter is drawn; Optuna's three kinds. `low` and `high` belong to the range. */
export type Distribution =
  | {
      readonly kind: 'float';
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
      readonly step: number | null;
    }
  | { readonly kind: 'int'; readonly low: number; readonly high: number; readonly log: boolean; readonly step: number }
  | { readonly kind: 'categorical'; readonly choices: readonly Choice[] };

/** Names of parameters with what they are drawn from. */
export type SearchSpace = ReadonlyMap<string, Distribution>;

/** The number that stands for a value in samplers and files: a category's index, else the value itself. */
export function toInternal(distribution: Distribution, value: Choice): number {
  if (distribution.kind !== 'categorical') return Number(value);
  const index = distribution.choices.indexOf(value);
  if (index < 0)
    throw new ConfigError(
      'categorical parameter',
      `must be one of ${JSON.stringify(distribution.choices)}, got ${JSON.stringify(value)}`,
    );
  return index;
}

/** The value that an internal number stands for. */
export function toValue(distribution: Distribution, internal: number): Choice {
  return distribution.kind === 'categorical' ? distribution.choices[internal] : internal;
}

/** Rounding that decimal bounds and steps may suffer, as a share of a step. */
const rounding = 1e-8;

/** Whether there is nothing to choose; the value is then `low`, or the only category. */
export function hasOneValue(distribution: Distribution): boolean {
  if (distribution.kind === 'categorical') return distribution.choices.length === 1;
  const { low, high, step, log } = distribution;
  return low === high || (!log && step !== null && high - low < step * (1 - rounding));
}

/** Whether an internal number stands for a value that can be drawn. */
export function contains(distribution: Distribution, internal: number): boolean {
  if (distribution.kind === 'categorical') return internal >= 0 && internal < distribution.choices.length;
  const { low, high, step } = distribution;
  if (!(internal >= low && internal <= high)) return false;
  if (step === null) return true;
  const steps = (internal - low) / step;
  return Math.abs(steps - Math.round(steps)) < rounding;
}
