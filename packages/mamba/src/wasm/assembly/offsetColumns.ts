/** `offsets` are a float32 for each column. */
export function offsetColumnsForward(rows: i32, columns: i32, x: usize, offsets: usize, y: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = <usize>(r * columns + c) << 2;
      store<f32>(y + at, load<f32>(x + at) + load<f32>(offsets + (<usize>c << 2)));
    }
  }
}
