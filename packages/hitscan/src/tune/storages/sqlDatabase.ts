export type SqlValue = number | string | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;
/** Runs one statement, with a `?` for each of its parameters. */
export type SqlQuery = (statement: string, ...parameters: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

/** A database that speaks the SQL which SQLite and PostgreSQL have in common. */
export interface SqlDatabase {
  /** What locks a row that has been read until the transaction ends; nothing where a writer has the database for itself. */
  readonly forUpdate: '' | 'FOR UPDATE';
  /** All or nothing of what `work` does, which the process sees to be done one after the other. */
  transact<T>(work: (query: SqlQuery) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
