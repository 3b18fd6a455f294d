/** For tests: a clock that jumps by up to a day, back and forth, each time that it is read. Loaded by NODE_OPTIONS=--import=…. */
const dayMs = 86_400_000;
const real = Date;

function jump(): number {
  return Math.round(real.now() + (Math.random() - 0.5) * 2 * dayMs);
}

globalThis.Date = class extends real {
  constructor(given?: number | string | Date) {
    super(given ?? jump());
  }
  static override now = jump;
} as unknown as DateConstructor;
