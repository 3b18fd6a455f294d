import { FormatError } from '../errors.ts';
import type { SafetensorsData, StoredTensor } from '../safetensors.ts';

/** Converts bit patterns of 16 to those of the same numbers in float32. */
function widen(halves: SafetensorsData, bitsOf: (half: number) => number): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = bitsOf(halves[i] as number);
  return new Float32Array(bits.buffer);
}

/** What float16's exponent, put where float32's stands, lacks: the difference of their biases, 127 and 15. */
const halfScale = 2 ** 112;

function widenHalves(halves: SafetensorsData): Float32Array {
  // Sign, infinity and NaN are in the bits; the product is exact and makes normal numbers of subnormal ones.
  const values = widen(halves, (half) => {
    const special = (half & 0x7c00) === 0x7c00 ? 0x7f800000 : 0;
    return (((half & 0x8000) << 16) | ((half & 0x7fff) << 13) | special) >>> 0;
  });
  for (let i = 0; i < values.length; i++) values[i] *= halfScale;
  return values;
}

/**
 * A stored tensor's numbers in float32: F32, F16 and BF16 exactly, F64 rounded. A copy, unless they are float32.
 * Throws: FormatError on other types.
 */
export function toFloat32(name: string, { dtype, data }: StoredTensor): Float32Array {
  switch (dtype) {
    case 'F32':
      return data as Float32Array;
    case 'F64':
      return Float32Array.from(data as Float64Array);
    case 'F16':
      return widenHalves(data);
    case 'BF16':
      return widen(data, (half) => (half << 16) >>> 0);
    default:
      throw new FormatError('pretrained', `${JSON.stringify(name)} must be F32, F64, F16 or BF16, got ${dtype}`);
  }
}
