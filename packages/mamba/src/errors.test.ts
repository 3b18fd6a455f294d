import { expect, test } from 'vitest';
import { DivergenceError, FormatError, MambaError, SettingError, ShapeError } from './errors.ts';

test.each([
  [new ShapeError('pool', '(batch, width)', [3]), 'pool: expected (batch, width), got (3)', '(3)'],
  [new SettingError('layers', 'be a whole number', 0.5), 'layers: must be a whole number, got 0.5', '0.5'],
  [new FormatError('config.json', 'must be JSON'), 'config.json: must be JSON', null],
  [
    new DivergenceError(7, Number.NaN),
    'training: the loss must stay finite, got NaN at step 7; lower the learning rate or clip gradients',
    'NaN',
  ],
])('an error is one line, and its parts are fields: %s', (error, message, found) => {
  expect(error).toBeInstanceOf(MambaError);
  expect(error.message).toBe(message);
  expect(message.startsWith(`${error.where}: `)).toBe(true);
  expect(message).toContain(error.rule);
  expect(error.found).toBe(found);
  expect(error.name).toBe(error.constructor.name);
});

test('a divergence says at which step, and what the loss was', () => {
  const { step, loss } = new DivergenceError(7, Number.POSITIVE_INFINITY);
  expect([step, loss]).toEqual([7, Number.POSITIVE_INFINITY]);
});
