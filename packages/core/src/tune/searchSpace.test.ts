import { expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { checkSpace, leaveOutGiven, spaces } from './searchSpace.ts';

test.each<[unknown, string]>([
  [null, 'must be an object of settings and what they are drawn from, got "null"'],
  [[], 'must be an object of settings and what they are drawn from, got "[]"'],
  [{}, 'must be an object of settings and what they are drawn from, got "{}"'],
  [3, 'must be an object of settings and what they are drawn from, got "3"'],
  [{ depth: [1, 2] }, ' depth: must be a setting (layers, '],
  [JSON.parse('{"__proto__":[1,2]}'), ' __proto__: must be a setting (layers, '],
  [{ layers: [] }, ' layers: must be a list of choices, or an object with kind'],
  [{ layers: null }, ' layers: must be a list of choices, or an object with kind'],
  [{ layers: { low: 1, high: 2 } }, ' layers: must be a list of choices, or an object with kind'],
  [{ layers: { kind: 'int', low: 1, high: 2, step: 0 } }, ' layers: must be a list of choices'],
  [{ layers: { kind: 'int', low: 1, high: Number.POSITIVE_INFINITY } }, ' layers: must be a list of choices'],
  [{ layers: { kind: 'int', low: 3, high: 2 } }, ' layers: low must be at most high, got 3 and 2'],
  [{ layers: { kind: 'int', low: 1.5, high: 2 } }, ' layers: low and high must be whole numbers, got 1.5 and 2'],
  [
    { dropout: { kind: 'float', low: 0, high: 0.5, log: true } },
    ' dropout: low must be positive where log is true, got 0',
  ],
  [{ dropout: [0, 1.5] }, 'got 1.5'],
  [{ layers: { kind: 'int', low: 1, high: 1000 } }, 'got 1000'],
  [{ dropout: { kind: 'float', low: 0, high: 0.5, when: { layers: [2] } } }, 'declared before it, got "layers"'],
  [{ dropout: { kind: 'float', low: 0, high: 0.5, when: { toString: [2] } } }, 'declared before it, got "toString"'],
  [
    {
      layers: { kind: 'int', low: 1, high: 2 },
      dropout: { kind: 'float', low: 0, high: 0.5, when: { layers: [3, '1'] } },
    },
    ' dropout: when must name a value that layers can have, got [3,"1"]',
  ],
])('a space that cannot be is refused: %j', (space, message) => {
  const check = () => checkSpace('space.json', space);
  expect(check).toThrow(ConfigError);
  expect(check).toThrow(message);
  expect(check).toThrow(/^space\.json[^\n]*$/);
});

test('a space may have one choice, and a setting that depends on another', () => {
  const space = {
    layers: [1, 2],
    dropout: { kind: 'float', low: 0, high: 0.5, when: { layers: [2, 3] } },
    epochs: [4],
  };
  expect(Object.keys(checkSpace('space.json', space))).toEqual(['layers', 'dropout', 'epochs']);
});

test('what depends on a setting that is given is searched always, or never', () => {
  const choice = (when?: Record<string, number[]>) => ({ kind: 'categorical', choices: [1, 2], when }) as const;
  const space = {
    layers: choice(),
    expand: choice(),
    dState: choice({ layers: [1] }),
    dModel: choice({ layers: [1], expand: [2] }),
    bins: choice({ dModel: [1] }),
  };
  const left = leaveOutGiven(space, { layers: 1 });
  expect(Object.keys(left)).toEqual(['expand', 'dState', 'dModel', 'bins']);
  expect(left.dState).not.toHaveProperty('when');
  expect(left.dModel.when).toEqual({ expand: [2] });
  expect(Object.keys(leaveOutGiven(space, { layers: 2 }))).toEqual(['expand']);
  // What is left can be read back.
  for (const layers of [1, 2]) checkSpace('config.json', JSON.parse(JSON.stringify(leaveOutGiven(space, { layers }))));
});

test.each(Object.keys(spaces['mamba-tokens']))('the default space without %s can be read back', (name) => {
  for (const value of [1, 2, false]) {
    const left = leaveOutGiven(spaces['mamba-tokens'], { [name]: value });
    expect(Object.keys(checkSpace('config.json', JSON.parse(JSON.stringify(left))))).toEqual(Object.keys(left));
  }
});

test('maskShare may have the name of 0.1.0, in conditions too', () => {
  const space = { hidden: [0, 0.1], dropout: { kind: 'categorical', choices: [0, 0.2], when: { hidden: [0.1] } } };
  const read = checkSpace('space.json', space);
  expect(Object.keys(read)).toEqual(['maskShare', 'dropout']);
  expect(read.dropout.when).toEqual({ maskShare: [0.1] });
  expect(() => checkSpace('space.json', { ...space, maskShare: [0] })).toThrow('space.json hidden: must be a setting');
});

test('a run of 0.1.0 may have conditions on settings that were given', () => {
  const space = { bidirectional: { kind: 'categorical', choices: [true, false], when: { layers: [1] } } };
  expect(checkSpace('config.json', space, 'mamba-tokens', ['layers'])).toEqual(space);
});
