/**
 * Whatever a caller of this package can cause; `name` says which kind. Each message is one line: `where: rule, got value`.
 * Anything else that is thrown is a bug here.
 */
export abstract class MambaError extends Error {
  abstract override readonly name: 'ShapeError' | 'ConfigError' | 'FormatError' | 'DivergenceError';
}

/** A tensor's shape does not fit the operation it is given to. */
export class ShapeError extends MambaError {
  override readonly name = 'ShapeError';
  constructor(where: string, expected: string, found: readonly number[] | string) {
    super(`${where}: expected ${expected}, got ${typeof found === 'string' ? found : `(${found.join(', ')})`}`);
  }
}

/** A setting breaks its rule. */
export class ConfigError extends MambaError {
  override readonly name = 'ConfigError';
  constructor(where: string, rule: string, found: number | string) {
    super(`${where}: must ${rule}, got ${found}`);
  }
}

/** A file or byte string breaks the rules of its format. */
export class FormatError extends MambaError {
  override readonly name = 'FormatError';
}

/** Training left the numbers it can go on from. */
export class DivergenceError extends MambaError {
  override readonly name = 'DivergenceError';
  readonly step: number;
  constructor(step: number, loss: number) {
    super(
      `training: the loss must stay finite, got ${loss} at step ${step}; lower the learning rate or clip gradients`,
    );
    this.step = step;
  }
}
