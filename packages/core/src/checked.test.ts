import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkJson, checkRead, findFault } from './checked.ts';
import { DataError } from './errors.ts';

const schema = z.strictObject({
  name: z.enum(['a', 'b']),
  rows: z.array(z.int().min(0)).min(1),
  share: z.number().gt(0).lt(1).nullable(),
  inner: z.object({ kind: z.union([z.literal('x'), z.object({ deep: z.number() })]), on: z.boolean() }),
});
const good = { name: 'a', rows: [0, 2], share: null, inner: { kind: 'x', on: true } };

test('what fits is returned as it is, other keys and all', () => {
  const value = { z: 1, a: 2 };
  expect(checkRead('f.json', value, z.object({ a: z.number() }), 'mend it')).toBe(value);
  expect(checkJson('f.json', JSON.stringify(good), schema, 'mend it')).toEqual(good);
});

test.each([
  [{ ...good, name: 'c\u202e' }, 'name', 'must be one of "a", "b"', '"c\\u{202e}"'],
  [{ ...good, rows: [0, -1] }, 'rows[1]', 'must be at least 0', '-1'],
  [{ ...good, rows: [0.5] }, 'rows[0]', 'must be a whole number', '0.5'],
  [{ ...good, rows: [] }, 'rows', 'must hold at least 1', 'a list of 0'],
  [{ ...good, rows: { length: 5 } }, 'rows', 'must be a list', 'an object'],
  [{ ...good, share: 1 }, 'share', 'must be below 1', '1'],
  [{ ...good, share: Number.NaN }, 'share', 'must be a number', 'NaN'],
  [{ ...good, inner: { kind: { deep: 'no' }, on: true } }, 'inner.kind.deep', 'must be a number', '"no"'],
  [{ ...good, inner: { kind: 'x' } }, 'inner.on', 'must be true or false', 'none'],
  [{ ...good, more: 1 }, '', 'has no "more"', 'an object'],
  [null, '', 'must be an object', 'null'],
])('the first fault of %j', (value, field, rule, found) => {
  expect(findFault(value, schema)).toEqual({ field, rule, found });
});

test('an error is one line with file, field, rule, value and remedy', () => {
  const check = () => checkRead('run/f.json', { ...good, share: 'x\ny' }, schema, 'put it back');
  expect(check).toThrow(DataError);
  expect(check).toThrow('run/f.json share: must be a number, got "x\\ny"; put it back');
  expect(() => checkJson('f.json', '{', schema, 'put it back')).toThrow('f.json: must be JSON, got "{"; put it back');
});
