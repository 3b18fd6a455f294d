// Matrix products: a panel of eight columns is packed, then multiplied by tiles of six rows, of four where fewer are left.
import { clearFloats, loadLanes, madd, storeLanes } from './math';

/** Columns of a panel: two vectors, so that a tile of six rows keeps twelve sums in registers. */
const PANEL = 8;
/** Depth of a panel, so that it stays in the first-level cache and in the scratch memory. */
const DEPTH = 512;

/** Copies B[k0…k0+depth, j0…j0+columns] into rows of eight floats, missing columns as zeros. */
export function pack(b: usize, rowBytes: usize, columnBytes: usize, depth: i32, columns: i32, panel: usize): void {
  if (columnBytes == 4 && columns == PANEL) {
    for (let k = 0; k < depth; k++) {
      const from = b + <usize>k * rowBytes;
      const to = panel + (<usize>k << 5);
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  if (columns < PANEL) clearFloats(panel, depth * PANEL);
  let j = 0;
  if (rowBytes == 4) {
    for (; j + 4 <= columns; j += 4) packTransposed(b + <usize>j * columnBytes, columnBytes, depth, panel + (<usize>j << 2));
  }
  for (; j < columns; j++) {
    let from = b + <usize>j * columnBytes;
    let to = panel + (<usize>j << 2);
    for (let k = 0; k < depth; k++) {
      store<f32>(to, load<f32>(from));
      from += rowBytes;
      to += 32;
    }
  }
}

/** Four columns that lie as rows: by squares of four, in registers. */
function packTransposed(b: usize, columnBytes: usize, depth: i32, panel: usize): void {
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const c0 = v128.load(b);
    const c1 = v128.load(b + columnBytes);
    const c2 = v128.load(b + 2 * columnBytes);
    const c3 = v128.load(b + 3 * columnBytes);
    const low01 = v128.shuffle<f32>(c0, c1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(c2, c3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(c0, c1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(c2, c3, 2, 6, 3, 7);
    v128.store(panel, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(panel, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32);
    v128.store(panel, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64);
    v128.store(panel, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96);
    b += 16;
    panel += 128;
  }
  for (; k < depth; k++) {
    for (let j: usize = 0; j < 4; j++) store<f32>(panel + (j << 2), load<f32>(b + j * columnBytes));
    b += 4;
    panel += 32;
  }
}

/** Adds the base to one row of a tile and writes its first `columns`. */
@inline
function putRow(c: usize, base: usize, low: v128, high: v128, columns: i32): void {
  if (base) {
    low = f32x4.add(low, loadLanes(base, columns));
    if (columns > 4) high = f32x4.add(high, loadLanes(base + 16, columns - 4));
  }
  storeLanes(c, low, columns);
  if (columns > 4) storeLanes(c + 16, high, columns - 4);
}

/**
 * C = A·B + bias + base, row by row of tiles. A is (rows, depth), B (depth, columns); strides are in bytes, `base` has
 * the shape of C and may be C itself, 0 for none. `scratch` holds one panel.
 */
export function multiply(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  cRow: usize,
  base: usize,
  baseRow: usize,
  bias: usize,
  scratch: usize,
): void {
  for (let k0 = 0; k0 < depth; k0 += DEPTH) {
    const span = min(DEPTH, depth - k0);
    for (let j0 = 0; j0 < columns; j0 += PANEL) {
      const width = min(PANEL, columns - j0);
      pack(b + <usize>k0 * bRow + <usize>j0 * bColumn, bRow, bColumn, span, width, scratch);
      let start0 = f32x4.splat(0);
      let start1 = f32x4.splat(0);
      if (bias && k0 == 0) {
        start0 = loadLanes(bias + (<usize>j0 << 2), width);
        if (width > 4) start1 = loadLanes(bias + (<usize>j0 << 2) + 16, width - 4);
      }
      // Later slices of the depth add to what the first has written.
      const from = k0 == 0 ? base : c;
      const fromRow = k0 == 0 ? baseRow : cRow;
      multiplyPanel(
        rows,
        span,
        a + <usize>k0 * aColumn,
        aRow,
        aColumn,
        scratch,
        c + (<usize>j0 << 2),
        cRow,
        from ? from + (<usize>j0 << 2) : 0,
        fromRow,
        start0,
        start1,
        width,
      );
    }
  }
}

export function multiplyPanel(
  rows: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  aColumn: usize,
  panel: usize,
  c: usize,
  cRow: usize,
  base: usize,
  baseRow: usize,
  start0: v128,
  start1: v128,
  width: i32,
): void {
  const end = panel + (<usize>depth << 5);
  let left = rows;
  while (left > 0) {
    // Seven and eight rows are two tiles of four; a tile costs the same however many of its rows count.
    const six = left == 5 || left == 6 || left > 8;
    const count = min(six ? 6 : 4, left);
    if (six) multiplyTile6(count, a, aRow, aColumn, panel, end, c, cRow, base, baseRow, start0, start1, width);
    else multiplyTile4(count, a, aRow, aColumn, panel, end, c, cRow, base, baseRow, start0, start1, width);
    left -= count;
    a += <usize>count * aRow;
    c += <usize>count * cRow;
    if (base) base += <usize>count * baseRow;
  }
}

/** Up to six rows of a panel's columns; rows beyond `count` are the last one again and not written. */
function multiplyTile6(
  count: i32,
  a: usize,
  aRow: usize,
  aColumn: usize,
  panel: usize,
  end: usize,
  c: usize,
  cRow: usize,
  base: usize,
  baseRow: usize,
  start0: v128,
  start1: v128,
  width: i32,
): void {
  let a0 = a;
  let a1 = a0 + (count > 1 ? aRow : 0);
  let a2 = a1 + (count > 2 ? aRow : 0);
  let a3 = a2 + (count > 3 ? aRow : 0);
  let a4 = a3 + (count > 4 ? aRow : 0);
  let a5 = a4 + (count > 5 ? aRow : 0);
  let c00 = start0;
  let c01 = start1;
  let c10 = start0;
  let c11 = start1;
  let c20 = start0;
  let c21 = start1;
  let c30 = start0;
  let c31 = start1;
  let c40 = start0;
  let c41 = start1;
  let c50 = start0;
  let c51 = start1;
  for (let p = panel; p < end; p += 32) {
    const b0 = v128.load(p);
    const b1 = v128.load(p, 16);
    const x0 = v128.load32_splat(a0);
    c00 = madd(x0, b0, c00);
    c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1);
    c10 = madd(x1, b0, c10);
    c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2);
    c20 = madd(x2, b0, c20);
    c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3);
    c30 = madd(x3, b0, c30);
    c31 = madd(x3, b1, c31);
    const x4 = v128.load32_splat(a4);
    c40 = madd(x4, b0, c40);
    c41 = madd(x4, b1, c41);
    const x5 = v128.load32_splat(a5);
    c50 = madd(x5, b0, c50);
    c51 = madd(x5, b1, c51);
    a0 += aColumn;
    a1 += aColumn;
    a2 += aColumn;
    a3 += aColumn;
    a4 += aColumn;
    a5 += aColumn;
  }
  putRow(c, base, c00, c01, width);
  if (count > 1) putRow(c + 1 * cRow, base ? base + 1 * baseRow : 0, c10, c11, width);
  if (count > 2) putRow(c + 2 * cRow, base ? base + 2 * baseRow : 0, c20, c21, width);
  if (count > 3) putRow(c + 3 * cRow, base ? base + 3 * baseRow : 0, c30, c31, width);
  if (count > 4) putRow(c + 4 * cRow, base ? base + 4 * baseRow : 0, c40, c41, width);
  if (count > 5) putRow(c + 5 * cRow, base ? base + 5 * baseRow : 0, c50, c51, width);
}

/** Up to four rows of a panel's columns; rows beyond `count` are the last one again and not written. */
function multiplyTile4(
  count: i32,
  a: usize,
  aRow: usize,
  aColumn: usize,
  panel: usize,
  end: usize,
  c: usize,
  cRow: usize,
  base: usize,
  baseRow: usize,
  start0: v128,
  start1: v128,
  width: i32,
): void {
  let a0 = a;
  let a1 = a0 + (count > 1 ? aRow : 0);
  let a2 = a1 + (count > 2 ? aRow : 0);
  let a3 = a2 + (count > 3 ? aRow : 0);
  let c00 = start0;
  let c01 = start1;
  let c10 = start0;
  let c11 = start1;
  let c20 = start0;
  let c21 = start1;
  let c30 = start0;
  let c31 = start1;
  for (let p = panel; p < end; p += 32) {
    const b0 = v128.load(p);
    const b1 = v128.load(p, 16);
    const x0 = v128.load32_splat(a0);
    c00 = madd(x0, b0, c00);
    c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1);
    c10 = madd(x1, b0, c10);
    c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2);
    c20 = madd(x2, b0, c20);
    c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3);
    c30 = madd(x3, b0, c30);
    c31 = madd(x3, b1, c31);
    a0 += aColumn;
    a1 += aColumn;
    a2 += aColumn;
    a3 += aColumn;
  }
  putRow(c, base, c00, c01, width);
  if (count > 1) putRow(c + 1 * cRow, base ? base + 1 * baseRow : 0, c10, c11, width);
  if (count > 2) putRow(c + 2 * cRow, base ? base + 2 * baseRow : 0, c20, c21, width);
  if (count > 3) putRow(c + 3 * cRow, base ? base + 3 * baseRow : 0, c30, c31, width);
}
