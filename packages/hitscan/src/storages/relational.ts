import { ConfigError } from '@hitscan/core/errors';
import type { Distribution } from '@hitscan/core/tune';
import {
  findIncompatibility,
  formatDistribution,
  formatPythonJson,
  isFinished,
  type Json,
  parseDistribution,
  type Storage,
  TrialEndedError,
  type TrialTemplate,
} from '@hitscan/core/tune';
import { prepareTables } from './optunaSchema.ts';
import { createTrialReader, formatTime, fromNumber, toAttributes, toDirection, toState } from './relationalTrials.ts';
import type { SqlDatabase, SqlQuery, SqlRow } from './sqlDatabase.ts';

/**
 * A storage in Optuna's tables, by the rules of its RDBStorage: trials are numbered under a lock on their study, finished ones
 * never change, times are UTC without an offset as Optuna 5 writes them.
 *
 * Throws: ConfigError where the tables are of a revision other than Optuna 3.2 … 5.0's.
 */
export async function createRelationalStorage(database: SqlDatabase, schema: readonly string[]): Promise<Storage> {
  const { transact, forUpdate, ageMs } = database;
  await transact((query) => prepareTables(database, query, schema));
  const readTrials = createTrialReader(database);

  /** Locks a trial that may still change. */
  const holdTrial = async (query: SqlQuery, trialId: number): Promise<SqlRow> => {
    const [trial] = await query(`SELECT state, number, study_id FROM trials WHERE trial_id = ? ${forUpdate}`, trialId);
    if (!trial) throw new ConfigError('trial', `must be a trial, got id ${trialId}`);
    if (isFinished(toState(trial.state)))
      throw new TrialEndedError('trial', `trial ${trial.number} must not be finished, is ${toState(trial.state)}`);
    return trial;
  };

  const createTrial = async (query: SqlQuery, studyId: number, template: TrialTemplate): Promise<number> => {
    // Two processes would give the same number otherwise.
    const [study] = await query(`SELECT study_id FROM studies WHERE study_id = ? ${forUpdate}`, studyId);
    if (!study) throw new ConfigError('study', `must be a study, got id ${studyId}`);
    const [{ trial_id: id }] = await query(
      `INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)
       VALUES ((SELECT count(*) FROM trials WHERE study_id = ?), ?, ?, ?, ?) RETURNING trial_id`,
      studyId,
      studyId,
      template.state.toUpperCase(),
      template.started ? formatTime(template.started) : null,
      template.ended ? formatTime(template.ended) : null,
    );
    const trialId = Number(id);
    if (template.state === 'running') await beat(query, trialId);
    await setValues(query, trialId, template.values ?? []);
    for (const [name, parameter] of template.parameters ?? []) {
      await addParameter(query, trialId, name, parameter.distribution, parameter.internal);
    }
    for (const [step, value] of template.intermediate ?? []) await setIntermediate(query, trialId, step, value);
    for (const owner of ['user', 'system'] as const) {
      for (const [key, value] of Object.entries(template[`${owner}Attributes`] ?? {})) {
        await setAttribute(query, `trial_${owner}_attributes`, trialId, key, value);
      }
    }
    return trialId;
  };

  return {
    createStudy: (name, directions) =>
      transact(async (query) => {
        const [study] = await query(
          'INSERT INTO studies (study_name) VALUES (?) ON CONFLICT DO NOTHING RETURNING study_id',
          name,
        );
        if (!study) throw new ConfigError('study', `must have a new name, got "${name}"`);
        const id = Number(study.study_id);
        for (const [objective, direction] of directions.entries()) {
          await query(
            'INSERT INTO study_directions (direction, study_id, objective) VALUES (?, ?, ?)',
            direction.toUpperCase(),
            id,
            objective,
          );
        }
        return { id, name, directions, userAttributes: {}, systemAttributes: {} };
      }),
    listStudies: () =>
      transact(async (query) => {
        const studies = await query('SELECT study_id, study_name FROM studies ORDER BY study_id');
        const directions = await query('SELECT study_id, direction FROM study_directions ORDER BY study_id, objective');
        const user = await query('SELECT study_id, "key", value_json FROM study_user_attributes');
        const system = await query('SELECT study_id, "key", value_json FROM study_system_attributes');
        return studies.map(({ study_id: id, study_name: name }) => {
          const own = (row: SqlRow) => row.study_id === id;
          return {
            id: Number(id),
            name: String(name),
            directions: directions.filter(own).map(({ direction }) => toDirection(direction)),
            userAttributes: toAttributes(user.filter(own)),
            systemAttributes: toAttributes(system.filter(own)),
          };
        });
      }),
    setStudyAttribute: (studyId, owner, key, value) =>
      transact((query) => setAttribute(query, `study_${owner}_attributes`, studyId, key, value)),
    createTrial: (studyId, template) =>
      transact((query) => createTrial(query, studyId, template ?? { state: 'running', started: new Date() })),
    setParameter: (trialId, name, distribution, internal) =>
      transact(async (query) => {
        const { study_id: studyId } = await holdTrial(query, trialId);
        const [earlier] = await query(
          `SELECT distribution_json FROM trial_params JOIN trials ON trials.trial_id = trial_params.trial_id
           WHERE study_id = ? AND param_name = ? LIMIT 1`,
          studyId,
          name,
        );
        const broken =
          earlier && findIncompatibility(parseDistribution(String(earlier.distribution_json)), distribution);
        if (broken) throw new ConfigError('trial', `parameter ${name} ${broken}`);
        await addParameter(query, trialId, name, distribution, internal);
      }),
    setIntermediate: (trialId, step, value) =>
      transact(async (query) => {
        await holdTrial(query, trialId);
        await setIntermediate(query, trialId, step, value);
      }),
    setTrialAttribute: (trialId, owner, key, value) =>
      transact(async (query) => {
        await holdTrial(query, trialId);
        await setAttribute(query, `trial_${owner}_attributes`, trialId, key, value);
      }),
    setState: (trialId, state, values = null) =>
      transact(async (query) => {
        if (state === 'running') {
          const claimed = await query(
            `UPDATE trials SET state = 'RUNNING', datetime_start = ? WHERE trial_id = ? AND state = 'WAITING' RETURNING trial_id`,
            formatTime(new Date()),
            trialId,
          );
          if (claimed.length > 0) await beat(query, trialId);
          return claimed.length > 0;
        }
        await holdTrial(query, trialId);
        await setValues(query, trialId, values ?? []);
        const ended = isFinished(state) ? formatTime(new Date()) : null;
        await query(
          'UPDATE trials SET state = ?, datetime_complete = ? WHERE trial_id = ?',
          state.toUpperCase(),
          ended,
          trialId,
        );
        return true;
      }),
    beat: (trialId) =>
      transact(async (query) => {
        await holdTrial(query, trialId);
        await beat(query, trialId);
      }),
    readLifeSigns: (studyId) =>
      transact(async (query) => {
        const rows = await query(
          `SELECT trials.trial_id, CAST(heartbeat AS VARCHAR(26)) AS heartbeat,
           CAST(datetime_start AS VARCHAR(26)) AS started, ${ageMs('heartbeat', 'database')} AS heard_ms,
           ${ageMs('datetime_start', 'UTC')} AS started_ms
           FROM trials LEFT JOIN trial_heartbeats ON trial_heartbeats.trial_id = trials.trial_id
           WHERE study_id = ? AND state = 'RUNNING'`,
          studyId,
        );
        return new Map(
          rows.map(({ trial_id: id, heartbeat, started, heard_ms: heardMs, started_ms: startedMs }) => [
            Number(id),
            { ageMs: Number(heardMs ?? startedMs), mark: String(heartbeat ?? started), beats: heartbeat !== null },
          ]),
        );
      }),
    readTrials,
    close: () => database.close(),
  };
}

/** By the database's clock, as Optuna's processes do, and compare with. */
async function beat(query: SqlQuery, trialId: number): Promise<void> {
  await query(
    `INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (?, CURRENT_TIMESTAMP)
     ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat`,
    trialId,
  );
}

async function addParameter(
  query: SqlQuery,
  trialId: number,
  name: string,
  distribution: Distribution,
  internal: number,
): Promise<void> {
  await query(
    `INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)
     ON CONFLICT (trial_id, param_name) DO UPDATE
     SET param_value = excluded.param_value, distribution_json = excluded.distribution_json`,
    trialId,
    name,
    internal,
    formatDistribution(distribution),
  );
}

async function setValues(query: SqlQuery, trialId: number, values: readonly number[]): Promise<void> {
  for (const [objective, value] of values.entries()) {
    await query(
      `INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)
       ON CONFLICT (trial_id, objective) DO UPDATE SET value = excluded.value, value_type = excluded.value_type`,
      trialId,
      objective,
      ...fromNumber(value),
    );
  }
}

async function setIntermediate(query: SqlQuery, trialId: number, step: number, value: number): Promise<void> {
  await query(
    `INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)
     ON CONFLICT (trial_id, step) DO UPDATE
     SET intermediate_value = excluded.intermediate_value, intermediate_value_type = excluded.intermediate_value_type`,
    trialId,
    step,
    ...fromNumber(value),
  );
}

type AttributeTable = `${'study' | 'trial'}_${'user' | 'system'}_attributes`;

async function setAttribute(
  query: SqlQuery,
  table: AttributeTable,
  id: number,
  key: string,
  value: Json,
): Promise<void> {
  const owner = table.startsWith('study') ? 'study_id' : 'trial_id';
  await query(
    `INSERT INTO ${table} (${owner}, "key", value_json) VALUES (?, ?, ?)
     ON CONFLICT (${owner}, "key") DO UPDATE SET value_json = excluded.value_json`,
    id,
    key,
    formatPythonJson(value, 'spaced'),
  );
}
