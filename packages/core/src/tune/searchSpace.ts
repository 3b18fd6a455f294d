import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { renameHidden } from '../models/migrations.ts';
import { type Settings, settingsSchemas } from '../models/tunable.ts';
import type { TunableName } from '../optionNames.ts';
import { quoteValue } from '../quoteValue.ts';
import { type Choice, contains, type Distribution, toValue } from './distributions.ts';
import type { RunningTrial } from './runningTrial.ts';
import type { Trial } from './trial.ts';

/** What a setting is drawn from; with `when`, only where settings declared before it have one of these values. */
export type Dimension = Distribution & {
  readonly when?: Readonly<Record<string, readonly Choice[]>> | undefined;
};

/** A search space: dimensions by the name of the setting that they choose, in the order in which they are chosen. */
export type SpaceDeclaration = Readonly<Record<string, Dimension>>;

const float = (low: number, high: number, step: number | null = null): Dimension => ({
  kind: 'float',
  low,
  high,
  log: false,
  step,
});
const logFloat = (low: number, high: number): Dimension => ({ kind: 'float', low, high, log: true, step: null });
const int = (low: number, high: number, step = 1): Dimension => ({ kind: 'int', low, high, log: false, step });
const oneOf = (...choices: readonly Choice[]): Dimension => ({ kind: 'categorical', choices });

/** What makes a network slow is not piled up: a hundred trials are to take ten minutes whatever the search prefers. */
const tokensSpace: SpaceDeclaration = {
  learningRate: logFloat(1e-3, 2e-2),
  weightDecay: logFloat(1e-2, 2),
  dModel: int(8, 32, 8),
  layers: int(1, 2),
  dState: oneOf(4, 8),
  expand: int(1, 2),
  dropout: float(0, 0.4, 0.05),
  maskShare: float(0, 0.15, 0.05),
  bins: int(4, 32, 2),
  summary: oneOf(true, false),
  categorySpread: oneOf(0.05, 0.1, 0.3, 1),
  pooling: oneOf('mean', 'last', 'cls'),
  bidirectional: { ...oneOf(false, true), when: { layers: [1] } },
  batchRows: oneOf(32, 64, 128),
  epochs: int(4, 16, 4),
  loss: oneOf('meanSquaredError', 'huber'),
  ensemble: { ...int(1, 2), when: { layers: [1], expand: [1] } },
};

/** A few settings of quick models, for a search that is over while one waits. */
export const quickSpace: SpaceDeclaration = {
  learningRate: logFloat(2e-3, 2e-2),
  weightDecay: logFloat(5e-2, 2),
  dropout: float(0, 0.4, 0.05),
  maskShare: float(0, 0.15, 0.05),
  bins: int(4, 32, 2),
  categorySpread: oneOf(0.05, 0.1, 0.3),
  epochs: int(4, 16, 4),
};

const forestSpace: SpaceDeclaration = {
  trees: int(100, 500, 50),
  minimumLeaf: oneOf(null, 2, 5, 10, 20),
  featureShare: float(0.1, 1, 0.1),
};

const boostedSpace: SpaceDeclaration = {
  learningRate: logFloat(0.01, 0.2),
  maximumDepth: int(1, 8),
  minimumLeaf: int(5, 60, 5),
  rowShare: float(0.3, 1, 0.1),
};

/** Where a model's settings are looked for unless a file says otherwise. */
export const spaces: Readonly<Record<TunableName, SpaceDeclaration>> = {
  'mamba-tokens': tokensSpace,
  forest: forestSpace,
  boosted: boostedSpace,
};

const choiceSchema = z.union([z.number(), z.string(), z.boolean(), z.null()]);
const when = z.record(z.string(), z.array(choiceSchema).min(1)).optional();
const range = { low: z.number(), high: z.number(), log: z.boolean().default(false), when };

const dimensionSchema = z.union([
  z
    .array(choiceSchema)
    .min(1)
    .transform((choices) => ({ kind: 'categorical' as const, choices })),
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('float'), ...range, step: z.number().positive().nullable().default(null) }),
    z.strictObject({ kind: z.literal('int'), ...range, step: z.int().positive().default(1) }),
    z.strictObject({ kind: z.literal('categorical'), choices: z.array(choiceSchema).min(1), when }),
  ]),
]);

/**
 * A space with the settings renamed, those that conditions are on too, in the same order. What is no space stays as it is where
 * it is none.
 */
export function renameInSpace<Space>(
  space: Space,
  rename: (values: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Space {
  if (!isObject(space)) return space;
  const renamed = Object.entries(rename(space)).map(([name, dimension]) => {
    if (!isObject(dimension) || !isObject(dimension.when)) return [name, dimension];
    return [name, { ...dimension, when: rename(dimension.when) }];
  });
  return Object.fromEntries(renamed) as Space;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The values at the ends of a dimension, or all of its choices: what must be allowed for it to be. */
function extremes(dimension: Dimension): readonly Choice[] {
  return dimension.kind === 'categorical' ? dimension.choices : [dimension.low, dimension.high];
}

/** Whether a dimension has a value among those that can be drawn. */
export function canBe(dimension: Dimension, value: Choice): boolean {
  if (dimension.kind === 'categorical') return dimension.choices.includes(value);
  return typeof value === 'number' && contains(dimension, value);
}

function requireRange(where: string, dimension: Dimension): void {
  if (dimension.kind === 'categorical') return;
  const { kind, low, high, log, step } = dimension;
  if (low > high) throw new ConfigError(where, `low must be at most high, got ${low} and ${high}`);
  if (log && low <= 0) throw new ConfigError(where, `low must be positive where log is true, got ${low}`);
  if (log && step !== null && step !== 1)
    throw new ConfigError(where, `must have no step where log is true, got ${step}`);
  if (kind === 'int' && !(Number.isInteger(low) && Number.isInteger(high)))
    throw new ConfigError(where, `low and high must be whole numbers, got ${low} and ${high}`);
}

/**
 * Checks a declaration, as it stands in a file: `{ "dModel": [16, 32], "learningRate": { "kind": "float", "low": 1e-4,
 * "high": 1e-2, "log": true } }`. Settings may have the names of 0.1.0, see renameHidden. Conditions may also be on the settings in `fixed`, which are not searched: they never hold.
 * Throws: ConfigError naming the setting, the rule and the value.
 */
export function checkSpace(
  where: string,
  given: unknown,
  model: TunableName = 'mamba-tokens',
  fixed: readonly string[] = [],
): SpaceDeclaration {
  const { shape } = settingsSchemas[model];
  const value = renameInSpace(given, renameHidden);
  if (!isObject(value) || Object.keys(value).length === 0)
    throw new ConfigError(
      where,
      `must be an object of settings and what they are drawn from, got ${quoteValue(JSON.stringify(value))}`,
    );
  const space: Record<string, Dimension> = {};
  for (const [name, declared] of Object.entries(value)) {
    const place = `${where} ${name}`;
    const rule = Object.hasOwn(shape, name) ? (shape[name] as z.ZodType) : undefined;
    if (!rule) throw new ConfigError(place, `must be a setting (${Object.keys(shape).join(', ')})`);
    const parsed = dimensionSchema.safeParse(declared);
    if (!parsed.success) {
      const rules =
        'a list of choices, or an object with kind float, int (low, high, log, step) or categorical (choices)';
      throw new ConfigError(place, `must be ${rules}, got ${JSON.stringify(declared)}`);
    }
    const dimension: Dimension = parsed.data;
    requireRange(place, dimension);
    for (const extreme of extremes(dimension)) {
      const allowed = rule.safeParse(extreme);
      if (!allowed.success)
        throw new ConfigError(place, `${allowed.error.issues[0].message}, got ${JSON.stringify(extreme)}`);
    }
    for (const [condition, values] of Object.entries(dimension.when ?? {})) {
      if (!Object.hasOwn(space, condition) && fixed.includes(condition)) continue;
      if (!Object.hasOwn(space, condition))
        throw new ConfigError(place, `when must name a setting declared before it, got ${JSON.stringify(condition)}`);
      if (!values.some((value) => canBe(space[condition], value)))
        throw new ConfigError(
          place,
          `when must name a value that ${condition} can have, got ${JSON.stringify(values)}`,
        );
    }
    space[name] = dimension;
  }
  return space;
}

/** A space without the settings whose values are given. What is searched under a condition on them is searched always, or never. */
export function leaveOutGiven(space: SpaceDeclaration, given: Readonly<Record<string, unknown>>): SpaceDeclaration {
  const left: Record<string, Dimension> = {};
  for (const [name, { when = {}, ...dimension }] of Object.entries(space)) {
    if (Object.hasOwn(given, name)) continue;
    const conditions = Object.entries(when);
    const canHold = conditions.every(([other, values]) =>
      Object.hasOwn(given, other) ? values.includes(given[other] as Choice) : Object.hasOwn(left, other),
    );
    if (!canHold) continue;
    const open = conditions.filter(([other]) => !Object.hasOwn(given, other));
    left[name] = open.length > 0 ? { ...dimension, when: Object.fromEntries(open) } : dimension;
  }
  return left;
}

/** Chooses a trial's settings, dimension by dimension. */
export async function suggestSettings(trial: RunningTrial, space: SpaceDeclaration): Promise<Settings> {
  const chosen: Record<string, Choice> = {};
  for (const [name, { when, ...distribution }] of Object.entries(space)) {
    const applies = Object.entries(when ?? {}).every(([other, values]) => values.includes(chosen[other]));
    if (applies) chosen[name] = await trial.suggest(name, distribution);
  }
  return chosen;
}

/** The settings that a trial was run with: those it chose, and the base's. */
export function selectSettings(base: Settings, { parameters }: Trial, schema: z.ZodType): Settings {
  const chosen = [...parameters].map(([name, { distribution, internal }]) => [name, toValue(distribution, internal)]);
  return schema.parse(renameHidden({ ...base, ...Object.fromEntries(chosen) })) as Settings;
}
