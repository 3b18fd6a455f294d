/**
 * A study has one parameter under another name than the setting that it chooses: `maskShare` is `hidden`, as in the studies that
 * 0.1.0 began. TPE draws the parameters in the order of their names, and quasi-random points depend on the names; with another
 * name the same seed would draw other trials, and a study that was begun before could not be continued.
 */
import { renameKey } from '../models/mambaSettings.ts';
import { renameHidden } from '../models/migrations.ts';
import type { Settings } from '../models/tunable.ts';
import { renameInSpace, type SpaceDeclaration } from './searchSpace.ts';
import type { StudyRecord } from './storage.ts';
import type { Attributes, Trial } from './trial.ts';

const setting = 'maskShare';
const parameter = 'hidden';

/** A search space by the names of the study's parameters. */
export function nameParameters(space: SpaceDeclaration): SpaceDeclaration {
  return renameInSpace(space, (values) => renameKey(values, setting, parameter));
}

/** A plan by the names of the study's parameters. */
export function nameForStudy<Plan extends { readonly space: SpaceDeclaration; readonly base: Settings }>(
  plan: Plan,
): Plan {
  return { ...plan, space: nameParameters(plan.space), base: renameKey(plan.base, setting, parameter) };
}

/** A trial by the names of settings: its parameters, and the settings that it was run with. */
export function nameSettings(trial: Trial): Trial {
  const parameters = new Map(
    [...trial.parameters].map(([name, value]) => [name === parameter ? setting : name, value]),
  );
  return { ...trial, parameters, userAttributes: renameIn(trial.userAttributes, 'settings') };
}

/** What a study says of itself, by the names of settings. */
export function nameStudySettings(record: StudyRecord): StudyRecord {
  const { space, ...others } = renameIn(record.userAttributes, 'fixed');
  if (space === undefined) return { ...record, userAttributes: others };
  return { ...record, userAttributes: { ...others, space: renameInSpace(space, renameHidden) } };
}

function renameIn(attributes: Attributes, key: string): Attributes {
  return Object.hasOwn(attributes, key) ? { ...attributes, [key]: renameHidden(attributes[key]) } : attributes;
}
