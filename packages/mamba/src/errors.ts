/**
 * Whatever a caller of this package can cause; `name` says which kind. Each message is one line, `where: rule, got found`, and
 * its parts are fields. Anything else that is thrown is a bug here.
 */
export abstract class MambaError extends Error {
  abstract override readonly name: 'ShapeError' | 'SettingError' | 'FormatError' | 'DivergenceError';
  /** What is at fault: an operation, a setting, a file. */
  readonly where: string;
  /** What it must keep to. */
  readonly rule: string;
  /** What was there instead, as text; null where the rule says it. */
  readonly found: string | null;

  constructor(where: string, rule: string, found: string | null, message: string) {
    super(`${where}: ${message}`);
    this.where = where;
    this.rule = rule;
    this.found = found;
  }
}

/** A tensor's shape does not fit the operation it is given to. */
export class ShapeError extends MambaError {
  override readonly name = 'ShapeError';
  constructor(where: string, expected: string, found: readonly number[] | string) {
    const text = typeof found === 'string' ? found : `(${found.join(', ')})`;
    super(where, expected, text, `expected ${expected}, got ${text}`);
  }
}

/** A setting breaks its rule. */
export class SettingError extends MambaError {
  override readonly name = 'SettingError';
  constructor(where: string, rule: string, found: number | string) {
    super(where, rule, `${found}`, `must ${rule}, got ${found}`);
  }
}

/** A file or byte string breaks the rules of its format. */
export class FormatError extends MambaError {
  override readonly name = 'FormatError';
  constructor(where: string, rule: string) {
    super(where, rule, null, rule);
  }
}

/** Training left the numbers it can go on from. */
export class DivergenceError extends MambaError {
  override readonly name = 'DivergenceError';
  /** The optimiser step, counted from 1, and its loss. */
  readonly step: number;
  readonly loss: number;
  constructor(step: number, loss: number) {
    const rule = 'the loss must stay finite';
    super(
      'training',
      rule,
      `${loss}`,
      `${rule}, got ${loss} at step ${step}; lower the learning rate or clip gradients`,
    );
    this.step = step;
    this.loss = loss;
  }
}
