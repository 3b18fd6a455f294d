/**
 * What older versions wrote otherwise, each change in a function of its own. All read what an older version wrote; of what is
 * not as any version wrote it, they leave the parts alone, for the checks that follow to name.
 */
import { noContext } from '../features/context.ts';
import { renameKey } from './mambaSettings.ts';
import type { SavedModel } from './regressor.ts';

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with some of its fields changed, in the same order; what is none stays, and so does what has none of the fields. */
export function changeFields(value: unknown, changes: Readonly<Record<string, (field: unknown) => unknown>>): unknown {
  if (!isFields(value)) return value;
  const changed = Object.entries(value).map(([name, field]) => [
    name,
    Object.hasOwn(changes, name) ? changes[name](field) : field,
  ]);
  return Object.fromEntries(changed);
}

/**
 * Version 0.1.0 called `maskShare` `hidden`: in saved models, in `config.json`, `tuning.json` and `metrics.json`, in files for
 * `--config` and `--space`, and in studies (see tune/parameterNames.ts). The order of the keys stays. Where both names are
 * given, both stay.
 */
export function renameHidden<T>(settings: T): T {
  if (!isFields(settings) || Object.hasOwn(settings, 'maskShare') || !Object.hasOwn(settings, 'hidden'))
    return settings;
  return renameKey(settings, 'hidden', 'maskShare') as T;
}

/** Settings that came during 0.1.0, with the values that networks had before them. */
const laterSettings = {
  bidirectional: false,
  pooling: 'mean',
  order: 'table',
  summary: false,
  categorySpread: 1,
  ensemble: 1,
} as const;

/** Early versions of 0.1.0 had fewer settings; their networks were what those that came later describe with these values. */
function addSettings(settings: unknown): unknown {
  if (!isFields(settings)) return settings;
  const missing = Object.entries(laterSettings).filter(([name]) => !Object.hasOwn(settings, name));
  return missing.length > 0 ? { ...settings, ...Object.fromEntries(missing) } : settings;
}

/** Early versions of 0.1.0 had no context, and so no encoder of it. */
function addContext(owner: unknown): unknown {
  return isFields(owner) && !Object.hasOwn(owner, 'context') ? { context: noContext, ...owner } : owner;
}

/** Version 0.1.0 saved mamba-untuned under the name mamba-tokens; only its result has its name. */
function nameUntuned({ metadata, ...saved }: SavedModel): SavedModel {
  const result = parse(metadata.result);
  const untuned = metadata.model === 'mamba-tokens' && isFields(result) && result.name === 'mamba-untuned';
  return { ...saved, metadata: untuned ? { ...metadata, model: 'mamba-untuned' } : metadata };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** Changes one part of the metadata that is JSON; what is none stays. */
function changePart(saved: SavedModel, key: string, change: (part: unknown) => unknown): SavedModel {
  const part = parse(saved.metadata[key]);
  if (part === undefined) return saved;
  return { ...saved, metadata: { ...saved.metadata, [key]: JSON.stringify(change(part)) } };
}

/** A saved model of any version as this version would have saved it. */
export function migrateModel(saved: SavedModel): SavedModel {
  const { model = '' } = saved.metadata;
  if (model === 'linear' && saved.metadata.context === undefined)
    return { ...saved, metadata: { ...saved.metadata, context: JSON.stringify(noContext) } };
  if (!model.startsWith('mamba-')) return saved;
  const settled = changePart(saved, 'settings', (settings) => addSettings(renameHidden(settings)));
  const encoded = changePart(settled, 'pipeline', (pipeline) => changeFields(pipeline, { encoder: addContext }));
  return nameUntuned(encoded);
}
