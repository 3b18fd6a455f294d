/** Multiples of 1, 2 or 5 times a power of ten within a range of numbers from 0 on, at most `most` (2 or more). */
export function listWholeTicks(low: number, high: number, most: number): number[] {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      const step = digit * power;
      const start = Math.ceil(low / step);
      const count = Math.floor(high / step) - start + 1;
      if (count <= most) return Array.from({ length: count }, (_, i) => (start + i) * step);
    }
  }
}

/** Round numbers between the ends, at most so many; the ends where there is only one such. */
export function listDecadeTicks(low: number, high: number, most: number): number[] {
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      ticks.push(...digits.map((digit) => Number(`${digit}e${power}`)).filter((tick) => tick >= low && tick <= high));
    }
    if (ticks.length <= most) return ticks.length > 1 ? ticks : [low, high];
  }
  return [low, high];
}
