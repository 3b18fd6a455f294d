import { expect, test } from 'vitest';
import { toFloat32 } from './floats.ts';

const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

test('every float16 is the number that the standard says', () => {
  const found = toFloat32('x', { dtype: 'F16', shape: [65536], data: halves });
  const definition = Float32Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = (bits & 1023) / 1024;
    const special = fraction > 0 ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    const number = exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
    return exponent === 31 ? special : number;
  });
  expect(found).toEqual(definition);
});

test('every bfloat16 is the upper half of a float32', () => {
  const found = toFloat32('x', { dtype: 'BF16', shape: [65536], data: halves });
  const bits = new Uint32Array(found.buffer);
  expect(bits.every((value, i) => value === i * 65536)).toBe(true);
  expect([found[0x3f80], found[0xc049], found[0x7f80]]).toEqual([1, -3.140625, Number.POSITIVE_INFINITY]);
});

test('float64 is rounded, float32 is left alone', () => {
  const data = Float64Array.of(0.1, 1e-50, 1e300);
  expect([...toFloat32('x', { dtype: 'F64', shape: [3], data })]).toEqual([
    Math.fround(0.1),
    0,
    Number.POSITIVE_INFINITY,
  ]);
  const same = Float32Array.of(1, 2);
  expect(toFloat32('x', { dtype: 'F32', shape: [2], data: same })).toBe(same);
});
