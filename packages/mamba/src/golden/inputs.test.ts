import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { goldenTensor } from './inputs.ts';

/** The little-endian bytes of one tensor, found through the file's JSON header. */
function tensorBytes(file: string, name: string): Uint8Array {
  const bytes = readFileSync(new URL(file, import.meta.url));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  const [begin, end] = header[name].data_offsets;
  return Uint8Array.from(bytes.subarray(start + begin, start + end));
}

const width = 13;
const block = 'block L=13 I=26 N=16';

test.each([
  ['block.safetensors', block, 'in_proj.weight', 1 / Math.sqrt(width), 0],
  ['block.safetensors', block, 'dt_proj.bias', 1, -3],
  ['block.safetensors', block, 'A_log', 1, 0.5],
  ['block.safetensors', block, 'input', 1.5, 0],
  ['seed.safetensors', 'seed', 'target', 20, 66],
])('the generator gives the bytes that Python gave: %s %s/%s', (file, scope, name, scale, shift) => {
  const made = goldenTensor(`${scope}/${name}`, [2, 4], scale, shift);
  expect(new Uint8Array(made.buffer)).toEqual(tensorBytes(file, `${scope}/check/${name}`));
});

test('a whole tensor agrees, but for its two missing entries', () => {
  const found = new Float32Array(tensorBytes('tokens.safetensors', 'tokens/numeric').buffer);
  const made = goldenTensor('tokens/numeric', [6, 4], 3);
  made[1 * 4 + 2] = Number.NaN;
  made[4 * 4 + 0] = Number.NaN;
  expect(made).toEqual(found);
});

test('values are multiples of 2⁻²³ in [−1, 1), spread evenly', () => {
  const values = goldenTensor('spread', [10_000]);
  expect(values.every((value) => value >= -1 && value < 1 && Number.isInteger(value * 0x800000))).toBe(true);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  // The mean of 10,000 uniforms on [−1, 1) has a standard deviation of 0.0058.
  expect(Math.abs(mean)).toBeLessThan(0.02);
});
