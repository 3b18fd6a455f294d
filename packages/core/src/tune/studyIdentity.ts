import { ConfigError } from '../errors.ts';
import { renameHidden } from '../models/migrations.ts';
import type { Settings } from '../models/tunable.ts';
import type { ObjectiveName } from '../optionNames.ts';
import { formatJson, quoteValue } from '../quoteValue.ts';
import { createSha256 } from '../sha256.ts';
import type { Fold } from '../tracks/folds.ts';
import type { Rows } from '../tracks/tracks.ts';
import { version } from '../version.ts';
import type { SpaceDeclaration } from './searchSpace.ts';
import type { StudyRecord } from './storage.ts';
import { type Attributes, equalJson, type Json, type Trial } from './trial.ts';
import type { TrialData } from './trialRunner.ts';

/** What a study's trials have in common. */
export interface StudyPlan {
  readonly data: TrialData;
  readonly space: SpaceDeclaration;
  /** The settings to begin with: those of the first trial, and of all others where the space says nothing. */
  readonly base: Settings;
  readonly objectives: readonly ObjectiveName[];
}

/** Longest value in a message, in characters. */
const longestValue = 60;

/** What trials were measured on, and what their values are; kept with the study and with each of its trials. */
export function identifyMeasurement({ data, objectives }: StudyPlan): Attributes {
  const { tracks, folds, model, context } = data;
  const hash = createSha256();
  const bytesOf = ({ buffer, byteOffset, byteLength }: Rows) => new Uint8Array(buffer, byteOffset, byteLength);
  const put = ({ train, heldOut }: Fold) =>
    hash.update(bytesOf(train)).update('|').update(bytesOf(heldOut)).update(';');
  folds.forEach(put);
  return {
    hitscan: version,
    model,
    context: [...context],
    data: tracks.source.sha256,
    split: hash.digestHex(),
    folds: folds.length,
    objectives: [...objectives],
  };
}

/**
 * All that must be the same for a study's trials to be comparable: what they were measured on, what their reports are about, the
 * settings that no trial chooses, and the space of the others. Neither the seed belongs to it, by which errors are only
 * estimated anew, nor the sampler and the pruner, which may change from one process to the next.
 */
export function identifyStudy(plan: StudyPlan): Attributes {
  return {
    ...identifyMeasurement(plan),
    reports: plan.data.steps,
    fixed: listFixed(plan),
    space: toJson(plan.space) as Attributes,
  };
}

/** What a setting is where no trial chooses it; kernels round otherwise, which makes no other model. */
function listFixed({ base, space }: Pick<StudyPlan, 'base' | 'space'>): Settings {
  const names = Object.keys(base).filter(
    (name) => name !== 'backend' && !(Object.hasOwn(space, name) && !space[name].when),
  );
  return Object.fromEntries(names.map((name) => [name, base[name]]));
}

/** Whether a trial was run with the base's settings. */
export function hasSettings({ userAttributes }: Trial, base: Settings): boolean {
  const { backend: _, ...settings } = renameHidden((userAttributes.settings ?? {}) as Settings);
  const { backend: __, ...wanted } = renameHidden(base);
  return equalJson(toJson(settings), toJson(wanted));
}

/**
 * Throws: ConfigError where a study cannot be gone on with, since its trials cannot be compared with those to come. What differs
 * is named, all of it. Of a study that says less, as earlier ones did, its trials are asked: their settings and what their
 * parameters were drawn from. A study that does not even say on which songs its trials were measured is somebody else's; it is
 * joined only before its first trial has begun. `taken`: the names of the storage's studies.
 */
export function requireSame(
  record: StudyRecord,
  trials: readonly Trial[],
  { plan, taken }: { readonly plan: StudyPlan; readonly taken: readonly string[] },
): void {
  const differences = listDifferences(record, trials, plan);
  const begun = trials.some(({ state }) => state !== 'waiting');
  const foreign = begun && record.userAttributes.data === undefined;
  if (differences.length === 0 && !foreign) return;
  const study = `the study ${quoteValue(record.name)} was`;
  const another = differences.length > 0 ? `begun with another ${differences.join(', ')}` : '';
  const elsewhere = 'made elsewhere and does not say on which songs its trials were measured';
  const rule = foreign ? [elsewhere, another].filter(Boolean).join('; it was ') : another;
  throw new ConfigError(
    '--study',
    `${study} ${rule}; name another, such as ${formatJson(findName(record.name, taken))}`,
  );
}

/** What is not as it was, each with what it was and what it is now. */
function listDifferences(
  { directions, userAttributes }: StudyRecord,
  trials: readonly Trial[],
  plan: StudyPlan,
): string[] {
  const found = new Map<string, string>();
  const compare = (what: string, before: Json | undefined, now: Json | undefined, describe = describeValue) => {
    if (found.has(what) || equalJson(toJson(before), toJson(now))) return;
    found.set(what, `${what} (${describe(before)}, now ${describe(now)})`);
  };
  // A newer version may go on with an older one's study.
  const { hitscan: _, fixed, space, ...decisive } = identifyStudy(plan);
  compare('direction', listOrOne(directions), listOrOne(plan.objectives.map(() => 'minimize')));
  for (const [key, value] of Object.entries(decisive)) {
    if (userAttributes[key] !== undefined) compare(key, userAttributes[key], value);
  }
  const fixedBefore = isRecord(userAttributes.fixed) ? [userAttributes.fixed] : listFixedOfTrials(trials, plan.space);
  for (const before of fixedBefore) {
    for (const [name, value] of Object.entries(before)) {
      if (Object.hasOwn(fixed as Settings, name)) compare(name, value, (fixed as Settings)[name]);
    }
  }
  const spaceBefore = isRecord(userAttributes.space) ? [userAttributes.space] : listSpacesOfTrials(trials, plan.space);
  for (const before of spaceBefore) {
    const names = new Set([...Object.keys(before), ...Object.keys(space as Attributes)]);
    for (const name of names) compare(`space of ${name}`, before[name], (space as Attributes)[name], describeDimension);
  }
  return [...found.values()];
}

/** The settings that trials were run with and that none of them chose, as far as they are known. */
function listFixedOfTrials(trials: readonly Trial[], space: SpaceDeclaration): readonly Attributes[] {
  const fixed = trials.flatMap(({ parameters, userAttributes: { settings } }) => {
    if (!isRecord(settings)) return [];
    const isFixed = (name: string) => !Object.hasOwn(space, name) && !parameters.has(name);
    return [Object.fromEntries(Object.entries(settings).filter(([name]) => isFixed(name)))];
  });
  return listDistinct(fixed);
}

/** From what complete trials have drawn; of a dimension that depends on another, those that have it. */
function listSpacesOfTrials(trials: readonly Trial[], space: SpaceDeclaration): readonly Attributes[] {
  const conditional = Object.entries(space).filter(([, { when }]) => when);
  const spaces = trials
    .filter(({ state }) => state === 'complete')
    .map(({ parameters }) => {
      const drawn = [...parameters].map(([name, { distribution }]) => {
        const when = Object.hasOwn(space, name) ? space[name].when : undefined;
        return [name, { ...distribution, when }] as const;
      });
      return Object.fromEntries([...conditional, ...drawn]);
    });
  return listDistinct(spaces);
}

/** Trials are many, and say the same. */
function listDistinct(values: readonly object[]): readonly Attributes[] {
  return [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text));
}

/** As it is when it has been written and read. */
function toJson(value: unknown): Json | undefined {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function isRecord(value: Json | undefined): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOrOne(values: readonly string[]): Json {
  return values.length === 1 ? values[0] : values;
}

function describeValue(value: Json | undefined): string {
  if (value === undefined) return 'not set';
  if (typeof value === 'string') return quoteValue(value);
  const text = formatJson(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function describeDimension(value: Json | undefined): string {
  if (value === undefined) return 'not searched';
  if (!isRecord(value)) return describeValue(value);
  const { kind, choices, low, high, step = null, log, when } = value;
  const steps = step === null || (kind === 'int' && step === 1) ? '' : ` by ${describeValue(step)}`;
  const range = `${kind === 'int' ? 'int' : 'float'} ${describeValue(low)} to ${describeValue(high)}${steps}${log === true ? ', log' : ''}`;
  const condition = when === undefined ? '' : ` when ${describeValue(when)}`;
  return `${kind === 'categorical' ? describeValue(choices) : range}${condition}`;
}

/** The first name after a study's own that no study has. */
function findName(name: string, taken: readonly string[]): string {
  for (let count = 2; ; count++) if (!taken.includes(`${name}-${count}`)) return `${name}-${count}`;
}
