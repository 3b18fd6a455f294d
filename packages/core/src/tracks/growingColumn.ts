import type { Column } from './tracks.ts';

/** A numeric column whose length is known only at the file's end. */
export interface GrowingColumn {
  add(value: number, isMissing: boolean): void;
  finish(): Column;
}

/** Doubles its typed arrays, outside the JavaScript heap, where an array of millions of numbers would press on its limit. */
export function growColumn(): GrowingColumn {
  let values = new Float64Array(256);
  let missing = new Uint8Array(256);
  let count = 0;
  return {
    add(value, isMissing) {
      if (count === values.length) {
        // The old memory is free at once, not when the collector next comes by.
        values = new Float64Array(values.buffer.transfer(2 * values.byteLength));
        missing = new Uint8Array(missing.buffer.transfer(2 * missing.byteLength));
      }
      values[count] = isMissing ? 0 : value;
      missing[count] = isMissing ? 1 : 0;
      count++;
    },
    finish: () => ({
      values: new Float64Array(values.buffer.transfer(count * values.BYTES_PER_ELEMENT)),
      missing: new Uint8Array(missing.buffer.transfer(count)),
    }),
  };
}
