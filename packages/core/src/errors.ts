/**
 * The errors a user can cause. Each message is one line: `where: rule, got value; what to do`.
 * The command line prints it and exits with status 2; anything else is our bug and exits with 1 and a stack.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** Input data broke a rule. */
export class DataError extends UserError {
  override readonly name = 'DataError';
  /** File name, with `:row` where one row is at fault. */
  readonly where: string;
  constructor(where: string, message: string) {
    super(`${where}: ${message}`);
    this.where = where;
  }
}

/** An option, a configuration value or a combination of them cannot be used. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';
  /** The option or key at fault, as the user writes it (`--split`, `epochs`). */
  readonly key: string;
  constructor(key: string, message: string) {
    super(`${key}: ${message}`);
    this.key = key;
  }
}

/** A file could not be written. What lay there before is as it was. */
export class WriteError extends UserError {
  override readonly name = 'WriteError';
  /** The file or the folder. */
  readonly path: string;
  constructor(path: string, message: string, cause: unknown) {
    super(`${path}: ${message}`, { cause });
    this.path = path;
  }
}

/** A training came to numbers that it cannot go on from; a smaller learning rate helps. */
export class DivergedError extends UserError {
  override readonly name = 'DivergedError';
}

/** The work was asked to stop, and what it has is kept: the reason of a signal that aborts. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
