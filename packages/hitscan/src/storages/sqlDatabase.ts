export type SqlValue = number | string | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;
/** Runs one statement, with a `?` for each of its parameters. */
export type SqlQuery = (statement: string, ...parameters: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

/** A database that speaks the SQL which SQLite and PostgreSQL have in common. */
export interface SqlDatabase {
  /** What messages call it. */
  readonly name: string;
  /** What locks a row that has been read until the transaction ends; nothing where a writer has the database for itself. */
  readonly forUpdate: '' | 'FOR UPDATE';
  /** The names of its tables, among them those that are not Optuna's. */
  listTables(query: SqlQuery): Promise<readonly string[]>;
  /** Whether tables of others may lie beside Optuna's, as on a server. */
  readonly shared: boolean;
  /** An SQL expression: the milliseconds from a time in a column to now, by the database's clock. `of`: the column's clock. */
  ageMs(column: string, of: 'database' | 'UTC'): string;
  /** All or nothing of what `work` does, which the process sees to be done one after the other. */
  transact<T>(work: (query: SqlQuery) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
