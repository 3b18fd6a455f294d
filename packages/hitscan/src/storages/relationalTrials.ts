import { DataError } from '@hitscan/core/errors';
import { quoteValue } from '@hitscan/core/quoteValue';
import type { Attributes, Direction, Json } from '@hitscan/core/tune';
import {
  isFinished,
  parseDistribution,
  parsePythonJson,
  type Trial,
  type TrialParameter,
  type TrialState,
} from '@hitscan/core/tune';
import type { SqlDatabase, SqlQuery, SqlRow, SqlValue } from './sqlDatabase.ts';

/** How many trials one statement asks for; SQLite allows 32,766 parameters. */
const batchSize = 1000;

/**
 * The function that reads a study's trials. Finished ones never change, so that each is read once; the details of a trial
 * are read after its state, so that a finished one is whole.
 */
export function createTrialReader({ transact }: SqlDatabase): (studyId: number) => Promise<readonly Trial[]> {
  const finished = new Map<number, Trial>();
  return (studyId) =>
    transact(async (query) => {
      const rows = await query(
        `SELECT trial_id, number, state, CAST(datetime_start AS VARCHAR(26)) AS started,
         CAST(datetime_complete AS VARCHAR(26)) AS ended FROM trials WHERE study_id = ? ORDER BY number`,
        studyId,
      );
      const unread = rows.filter(({ trial_id: id }) => !finished.has(Number(id)));
      const read = new Map<number, Trial>();
      for (let i = 0; i < unread.length; i += batchSize) {
        for (const trial of await readDetails(query, unread.slice(i, i + batchSize))) {
          (isFinished(trial.state) ? finished : read).set(trial.id, trial);
        }
      }
      return rows.map(({ trial_id: id }) => (finished.get(Number(id)) ?? read.get(Number(id))) as Trial);
    });
}

async function readDetails(query: SqlQuery, rows: readonly SqlRow[]): Promise<Trial[]> {
  const ids = rows.map(({ trial_id: id }) => id);
  const within = `WHERE trial_id IN (${ids.map(() => '?').join(', ')})`;
  const select = async (columns: string, table: string, order: string) =>
    Map.groupBy(
      await query(`SELECT trial_id, ${columns} FROM ${table} ${within} ORDER BY ${order}`, ...ids),
      (row) => row.trial_id,
    );
  const parameters = await select('param_name, param_value, distribution_json', 'trial_params', 'param_id');
  const values = await select('value, value_type', 'trial_values', 'objective');
  const intermediate = await select(
    'step, intermediate_value, intermediate_value_type',
    'trial_intermediate_values',
    'step',
  );
  const user = await select('"key", value_json', 'trial_user_attributes', 'trial_user_attribute_id');
  const system = await select('"key", value_json', 'trial_system_attributes', 'trial_system_attribute_id');
  return rows.map(({ trial_id: id, number, state, started, ended }) => ({
    id: Number(id),
    number: Number(number),
    state: toState(state),
    values: values.get(id)?.map(({ value, value_type: type }) => toNumber(value, type)) ?? null,
    parameters: new Map(parameters.get(id)?.map(toParameter)),
    intermediate: new Map(
      intermediate
        .get(id)
        ?.map((row) => [Number(row.step), toNumber(row.intermediate_value, row.intermediate_value_type)]),
    ),
    userAttributes: toAttributes(user.get(id) ?? []),
    systemAttributes: toAttributes(system.get(id) ?? []),
    started: toTime(started),
    ended: toTime(ended),
  }));
}

function toParameter(row: SqlRow): [string, TrialParameter] {
  const distribution = parseDistribution(String(row.distribution_json));
  return [String(row.param_name), { distribution, internal: Number(row.param_value) }];
}

export function toState(name: SqlValue): TrialState {
  return String(name).toLowerCase() as TrialState;
}

/** Optuna minimises unless it is told otherwise. */
export function toDirection(name: SqlValue): Direction {
  return name === 'MAXIMIZE' ? 'maximize' : 'minimize';
}

export function toAttributes(rows: readonly SqlRow[]): Attributes {
  return Object.fromEntries(
    rows.map(({ key, value_json: text }): [string, Json] => [String(key), parseAttribute(String(key), String(text))]),
  );
}

function parseAttribute(key: string, text: string): Json {
  try {
    return parsePythonJson(text);
  } catch {
    throw new DataError('storage', `attribute ${quoteValue(key)} must be JSON, got ${quoteValue(text)}`);
  }
}

/** Databases hold no numbers but finite ones; Optuna's name for the kind stands beside the number. */
export function toNumber(value: SqlValue, kind: SqlValue): number {
  if (kind === 'INF_POS') return Number.POSITIVE_INFINITY;
  if (kind === 'INF_NEG') return Number.NEGATIVE_INFINITY;
  return kind === 'NAN' ? Number.NaN : Number(value);
}

export function fromNumber(value: number): [value: number | null, kind: 'FINITE' | 'INF_POS' | 'INF_NEG' | 'NAN'] {
  if (Number.isFinite(value)) return [value, 'FINITE'];
  if (Number.isNaN(value)) return [null, 'NAN'];
  return [null, value > 0 ? 'INF_POS' : 'INF_NEG'];
}

function toTime(text: SqlValue): Date | null {
  return text === null ? null : new Date(`${String(text).replace(' ', 'T')}Z`);
}

/** UTC without an offset, to the microsecond, as Optuna 5 writes. */
export function formatTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '000');
}
