import { ConfigError } from '@hitscan/core/errors';
import type { SqlDatabase, SqlQuery } from './sqlDatabase.ts';

/** The revision that Optuna 3.2 … 5.0 ask for; `version_info` holds a number that has not changed since. */
const schemaRevision = 'v3.2.0.a';
const schemaVersion = 12;
const libraryVersion = '5.0.0';

/** What differs between databases in the statements that create Optuna's tables. */
export interface SchemaDialect {
  /** The type of a table's own number. */
  readonly serial: string;
  readonly float: string;
  readonly time: string;
  /** The type of a column that holds one of `names`, as SQLAlchemy makes it. */
  enumeration(type: string, names: readonly string[]): string;
}

/** The enumerations of Optuna's columns, by the names of their types in PostgreSQL. */
export const enumerations = {
  studydirection: ['NOT_SET', 'MINIMIZE', 'MAXIMIZE'],
  trialstate: ['RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING'],
  trialvaluetype: ['FINITE', 'INF_POS', 'INF_NEG'],
  trialintermediatevaluetype: ['FINITE', 'INF_POS', 'INF_NEG', 'NAN'],
} as const;

/** Statements that give an empty database Optuna's tables, and leave one that has them as it is. */
export function describeSchema(dialect: SchemaDialect): string[] {
  const { serial, float, time } = dialect;
  const column = (type: keyof typeof enumerations) => dialect.enumeration(type, enumerations[type]);
  const study = 'study_id INTEGER REFERENCES studies (study_id)';
  const trial = 'trial_id INTEGER REFERENCES trials (trial_id)';
  const neededTrial = trial.replace('INTEGER', 'INTEGER NOT NULL');
  const attribute = '"key" VARCHAR(512), value_json TEXT';
  const tables: Record<string, string> = {
    studies: `study_id ${serial}, study_name VARCHAR(512) NOT NULL`,
    version_info: `version_info_id ${serial}, schema_version INTEGER, library_version VARCHAR(256), CHECK (version_info_id = 1)`,
    study_directions: `study_direction_id ${serial}, direction ${column('studydirection')} NOT NULL,
      study_id INTEGER NOT NULL REFERENCES studies (study_id), objective INTEGER NOT NULL, UNIQUE (study_id, objective)`,
    study_user_attributes: `study_user_attribute_id ${serial}, ${study}, ${attribute}, UNIQUE (study_id, "key")`,
    study_system_attributes: `study_system_attribute_id ${serial}, ${study}, ${attribute}, UNIQUE (study_id, "key")`,
    trials: `trial_id ${serial}, number INTEGER, ${study}, state ${column('trialstate')} NOT NULL,
      datetime_start ${time}, datetime_complete ${time}`,
    trial_user_attributes: `trial_user_attribute_id ${serial}, ${trial}, ${attribute}, UNIQUE (trial_id, "key")`,
    trial_system_attributes: `trial_system_attribute_id ${serial}, ${trial}, ${attribute}, UNIQUE (trial_id, "key")`,
    trial_params: `param_id ${serial}, ${trial}, param_name VARCHAR(512), param_value ${float}, distribution_json TEXT,
      UNIQUE (trial_id, param_name)`,
    trial_values: `trial_value_id ${serial}, ${neededTrial}, objective INTEGER NOT NULL, value ${float},
      value_type ${column('trialvaluetype')} NOT NULL, UNIQUE (trial_id, objective)`,
    trial_intermediate_values: `trial_intermediate_value_id ${serial}, ${neededTrial}, step INTEGER NOT NULL,
      intermediate_value ${float}, intermediate_value_type ${column('trialintermediatevaluetype')} NOT NULL,
      UNIQUE (trial_id, step)`,
    trial_heartbeats: `trial_heartbeat_id ${serial}, ${neededTrial}, heartbeat ${time} NOT NULL, UNIQUE (trial_id)`,
    alembic_version: 'version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)',
  };
  return [
    ...Object.entries(tables).map(([name, columns]) => `CREATE TABLE IF NOT EXISTS ${name} (${columns})`),
    'CREATE UNIQUE INDEX IF NOT EXISTS ix_studies_study_name ON studies (study_name)',
    'CREATE INDEX IF NOT EXISTS ix_trials_study_id ON trials (study_id)',
    `INSERT INTO version_info VALUES (1, ${schemaVersion}, '${libraryVersion}') ON CONFLICT DO NOTHING`,
    `INSERT INTO alembic_version SELECT '${schemaRevision}' WHERE NOT EXISTS (SELECT 1 FROM alembic_version)`,
  ];
}

/**
 * Gives a database Optuna's tables unless it has them. Nothing is written to one that holds something else.
 *
 * Throws: ConfigError where its tables are of a revision other than Optuna 3.2 … 5.0's, or not Optuna's.
 */
export async function prepareTables(database: SqlDatabase, query: SqlQuery, schema: readonly string[]): Promise<void> {
  const tables = await database.listTables(query);
  if (!tables.includes('studies') && tables.length > 0 && !database.shared) {
    const others = tables.slice(0, 3).join(', ');
    throw new ConfigError(database.name, `must be a new database or one of Optuna's, holds other tables (${others})`);
  }
  await requireRevision(database, query, tables);
  for (const statement of schema) await query(statement);
}

async function requireRevision(database: SqlDatabase, query: SqlQuery, tables: readonly string[]): Promise<void> {
  const refuse = (revision: string): never => {
    const rule = `must have Optuna's tables of revision ${schemaRevision}, got ${revision}`;
    throw new ConfigError(database.name, `${rule}; run 'optuna storage upgrade'`);
  };
  if (tables.includes('alembic_version')) {
    const [{ version_num: revision } = { version_num: null }] = await query('SELECT version_num FROM alembic_version');
    // Optuna writes it last, so that another process may be between the two.
    if (revision !== null && revision !== schemaRevision) refuse(String(revision));
  }
  if (!tables.includes('version_info')) return;
  const [info] = await query('SELECT schema_version FROM version_info');
  if (info && info.schema_version !== schemaVersion) refuse(`version ${info.schema_version} from before revisions`);
}
