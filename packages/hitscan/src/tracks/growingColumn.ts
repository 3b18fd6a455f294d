import type { Column } from './tracks.ts';

/** A numeric column whose length is known only at the file's end. */
export interface GrowingColumn {
  /** Null is a missing value. */
  add(value: number | null): void;
  finish(): Column;
}

/** Doubles its typed arrays, outside the JavaScript heap, where an array of millions of numbers would press on its limit. */
export function growColumn(): GrowingColumn {
  let values = new Float64Array(256);
  let missing = new Uint8Array(256);
  let count = 0;
  return {
    add(value) {
      if (count === values.length) {
        const grown = new Float64Array(2 * count);
        grown.set(values);
        values = grown;
        const grownMissing = new Uint8Array(2 * count);
        grownMissing.set(missing);
        missing = grownMissing;
      }
      values[count] = value ?? 0;
      missing[count] = value === null ? 1 : 0;
      count++;
    },
    finish: () => ({ values: values.slice(0, count), missing: missing.slice(0, count) }),
  };
}
