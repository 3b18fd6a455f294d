import type { ScaleOptions } from '@observablehq/plot';
import { type Choice, type Distribution, toValue } from '../../../tune/distributions.ts';
import type { Trial } from '../../../tune/trial.ts';
import { formatSignificant, typeset } from '../../text/format.ts';
import { findExtent, shorten } from '../draw.ts';

/** Values up to which a parameter's dots are spread sideways, so that equal ones do not cover each other. */
const mostSpread = 16;
/** The width over which they are spread, as a share of the way to the next value. */
const spreadShare = 0.4;

/** Letters of a category at an axis. */
const categoryLength = 8;

/** How a parameter is laid out along an axis. */
export interface ParameterAxis {
  readonly name: string;
  readonly kind: 'linear' | 'log' | 'category';
  /** Categories or values apart enough to be spread; 0 where the values are as good as continuous. */
  readonly places: number;
  /** From one of these values to the next. */
  readonly step: number;
  /** Ends of the axis, as `placeOf` has them. */
  readonly domain: readonly [number, number];
  /** The least and the greatest value that can be drawn. */
  readonly limits: readonly [number, number];
  /** The trial's place on the axis, or null where it lacks the parameter. */
  placeOf(trial: Trial): number | null;
  /** That place, moved sideways where values are few: by the trial's number, so that it is always the same. */
  spreadOf(trial: Trial): number | null;
  /** From 0 to 1 along the axis. */
  shareOf(place: number): number;
  /** A place as text. */
  format(place: number): string;
}

/** The distributions of a parameter over all trials, as one: the widest range. Trials of a study agree on the rest. */
function mergeDistributions(trials: readonly Trial[], name: string): Distribution {
  const all = trials.flatMap(({ parameters }) => parameters.get(name)?.distribution ?? []);
  const [first] = all;
  if (first.kind === 'categorical') return first;
  const ranges = all.filter((distribution) => distribution.kind !== 'categorical');
  const [low, high] = findExtent(ranges.map((range) => [range.low, range.high]));
  return { ...first, low, high };
}

/** The axis of a parameter that at least one of the trials has. */
export function makeAxis(trials: readonly Trial[], name: string): ParameterAxis {
  const distribution = mergeDistributions(trials, name);
  const placeOf = (trial: Trial) => trial.parameters.get(name)?.internal ?? null;
  if (distribution.kind === 'categorical') {
    const places = distribution.choices.length;
    return {
      name,
      kind: 'category',
      places,
      step: 1,
      domain: [-0.5, places - 0.5],
      limits: [0, places - 1],
      placeOf,
      spreadOf: (trial) => spread(placeOf(trial), trial.number, spreadShare),
      shareOf: (place) => (place + 0.5) / places,
      format: (place) => formatSetting(toValue(distribution, Math.round(place))),
    };
  }
  const { low, high, log, step } = distribution;
  const places = step === null || log ? 0 : Math.round((high - low) / step) + 1;
  const few = places > 1 && places <= mostSpread;
  // Room for half a step at both ends, and around a single value.
  const room = low === high ? Math.max(Math.abs(low) * 0.1, 1e-9) : few ? (step as number) / 2 : 0;
  const scale = log ? Math.log : (value: number) => value;
  const [start, end] = log ? [low / (1 + (low === high ? 1 : 0)), high] : [low - room, high + room];
  return {
    name,
    kind: log ? 'log' : 'linear',
    places: few ? places : 0,
    step: step ?? 0,
    domain: [start, end],
    limits: [low, high],
    placeOf,
    spreadOf: (trial) => (few ? spread(placeOf(trial), trial.number, spreadShare * (step as number)) : placeOf(trial)),
    shareOf: (place) => (scale(place) - scale(start)) / (scale(end) - scale(start)),
    format: formatSetting,
  };
}

/** The golden section spreads trials that follow each other far apart, and all evenly. */
function spread(place: number | null, number: number, width: number): number | null {
  if (place === null) return null;
  const share = (number * 0.6180339887498949) % 1;
  return place + width * (share - 0.5);
}

/** The options of a Plot scale for the axis; `most`: numbered ticks at most. */
export function toScale(axis: ParameterAxis, most = 6): ScaleOptions {
  const { kind, places, domain, name } = axis;
  const label = shorten(name, 24);
  const tickFormat = (place: number) => axis.format(place);
  const base = { label, labelAnchor: 'center', labelArrow: 'none', domain: [...domain], tickFormat } as const;
  if (kind === 'log') return { ...base, type: 'log', ticks: listDecadeTicks(domain[0], domain[1], most) };
  if (kind === 'category') {
    const ticks = Array.from({ length: places }, (_, i) => i);
    return {
      ...base,
      type: 'linear',
      ticks,
      tickSize: 0,
      tickFormat: (place: number) => shorten(axis.format(place), categoryLength),
    };
  }
  if (places > 0) return { ...base, type: 'linear', ticks: listStepTicks(axis, most) };
  return { ...base, type: 'linear', ticks: most };
}

/** Every value, or every second, third … one, so that there are at most so many. */
function listStepTicks({ places, limits: [low], step }: ParameterAxis, most: number): number[] {
  const stride = Math.ceil(places / most);
  return Array.from({ length: Math.ceil(places / stride) }, (_, i) => low + step * stride * i);
}

/** A parameter's value: numbers with up to three digits, without zeros at the end: `0.05`, `64`, `5e-4`. */
export function formatSetting(value: Choice): string {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e5) return typeset(String(value));
  const text = formatSignificant(value);
  return typeset(text.replace(/\.?0+(?=e|$)/, '').replace('e+', 'e'));
}

/** Multiples of 1, 2 or 5 times a power of ten within a range of numbers from 0 on, at most `most` (2 or more). */
export function listWholeTicks(low: number, high: number, most: number): number[] {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      const step = digit * power;
      const start = Math.ceil(low / step);
      const count = Math.floor(high / step) - start + 1;
      if (count <= most) return Array.from({ length: count }, (_, i) => (start + i) * step);
    }
  }
}

/** Round numbers between the ends, at most so many; the ends where there is only one such. */
export function listDecadeTicks(low: number, high: number, most: number): number[] {
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      ticks.push(...digits.map((digit) => Number(`${digit}e${power}`)).filter((tick) => tick >= low && tick <= high));
    }
    if (ticks.length <= most) return ticks.length > 1 ? ticks : [low, high];
  }
  return [low, high];
}
