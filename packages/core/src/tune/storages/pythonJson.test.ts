import { expect, test } from 'vitest';
import { asFloat, formatPythonJson, parsePythonJson } from './pythonJson.ts';

test('reads numbers that JSON does not have, and leaves their names in strings alone', () => {
  const read = parsePythonJson(String.raw`{"a": NaN, "b": [-Infinity, Infinity], "NaN": "\"Infinity, NaN"}`);
  expect(read).toEqual({ a: Number.NaN, b: [-Infinity, Infinity], NaN: '"Infinity, NaN' });
  expect(() => parsePythonJson('{"a": NaN')).toThrow(SyntaxError);
});

test('writes what json.dumps writes', () => {
  const value = {
    a: asFloat(1),
    b: [asFloat(-0), asFloat(1e21), asFloat(0.1), 1, Number.NaN],
    c: 'ß\n"😀\u007f',
    d: undefined,
  };
  expect(formatPythonJson({ ...value, e: [true, null, -Infinity, {}] }, 'spaced')).toBe(
    String.raw`{"a": 1.0, "b": [-0.0, 1e+21, 0.1, 1, NaN], "c": "\u00df\n\"\ud83d\ude00\u007f", "e": [true, null, -Infinity, {}]}`,
  );
  expect(formatPythonJson({ a: [1, 'b'] }, 'compact')).toBe('{"a":[1,"b"]}');
});
