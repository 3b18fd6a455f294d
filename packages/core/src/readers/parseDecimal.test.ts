import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNumber } from './parseCell.ts';
import { parseDecimal } from './parseDecimal.ts';

const anyNumber = { kind: 'numeric', minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE, unit: '' } as const;

function parse(text: string): number {
  // Something stands behind a cell, and must not be read.
  const bytes = Buffer.from(`7${text}7`);
  return parseDecimal(bytes, 1, bytes.length - 1);
}

/** Equal to the bit to what its text says, or left to whoever reads texts. */
function expectSame(text: string): void {
  const parsed = parse(text);
  if (Number.isNaN(parsed)) return;
  const read = readNumber(text, anyNumber);
  expect(read.kind, text).toBe('value');
  expect(Object.is(parsed, Number(text)), `${text}: ${parsed}`).toBe(true);
}

const digits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 }).map((list) => list.join(''));
const sign = fc.constantFrom('', '-', '+');

test('equals Number for decimals of any length and exponent', () => {
  const exponent = fc.oneof(
    fc.constant(''),
    fc
      .tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E-'), fc.integer({ min: 0, max: 330 }))
      .map((parts) => parts.join('')),
  );
  const decimal = fc.tuple(sign, digits, fc.constantFrom('', '.'), digits, exponent).map((parts) => parts.join(''));
  fc.assert(fc.property(decimal, expectSame), { numRuns: 20_000, seed: 1 });
});

test('equals Number for doubles as they are printed', () => {
  const printed = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.double({ min: -60, max: 1000, noNaN: true }).map((value) => value.toFixed(3)),
    fc.double({ min: 1e-9, max: 1, noNaN: true }).map((value) => value.toPrecision(3)),
    fc.double({ min: 1e-9, max: 1, noNaN: true }).map((value) => value.toExponential(5)),
  );
  fc.assert(fc.property(printed, expectSame), { numRuns: 20_000, seed: 1 });
});

test('takes nothing for a number that is none', () => {
  const characters = fc.constantFrom(...'0123456789.+-eE x,_∞'.split(''));
  fc.assert(
    fc.property(
      fc.array(characters, { maxLength: 8 }).map((list) => list.join('')),
      expectSame,
    ),
    {
      numRuns: 20_000,
      seed: 1,
    },
  );
});

test.each([
  ['0.0657', 0.0657],
  ['-8.305', -8.305],
  ['3.18e-5', 3.18e-5],
  ['1E3', 1000],
  ['5.', 5],
  ['.5', 0.5],
  ['+7', 7],
  ['-0', -0],
  ['9007199254740991', 2 ** 53 - 1],
  ['1e22', 1e22],
  ['0e999', 0],
])('reads %s itself', (text, value) => {
  expect(parse(text)).toBe(value);
});

test.each([
  '',
  '.',
  '-',
  'e5',
  '1e',
  '1e+',
  '0x10',
  ' 1',
  '1 ',
  '1,5',
  'NaN',
  'Infinity',
  '9007199254740993',
  '1e23',
  '0'.repeat(500),
])('leaves %j to others', (text) => {
  expect(parse(text)).toBeNaN();
});
