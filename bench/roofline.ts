import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { createTimer } from './measure.ts';

/** What one core does at most, measured in the run that uses it. */
export interface Roofline {
  /** Floating-point operations a second, multiply-adds counted as two; relaxed build. */
  readonly flops: number;
  /** Nanoseconds an exponential, in a loop of nothing else. */
  readonly expNanoseconds: number;
  /** Worst relative error of 2^x over [−126, 0], in units of float32's last place. */
  readonly expUlps: number;
  /** Bytes a second from memory that no cache holds. */
  readonly bytes: number;
  /** Measures the exponentials once more: nanoseconds each. */
  timeExponentials(): number;
}

interface Kernels {
  multiplyAdds(rounds: number, factor: number, addend: number): number;
  exponentials(count: number, x: number, rate: number, y: number): void;
  readBytes(bytes: number, x: number): number;
  readonly memory: { readonly buffer: ArrayBuffer };
}

async function compile(): Promise<Kernels> {
  let binary: Uint8Array<ArrayBuffer> | null = null;
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const features = [
    '--runtime',
    'stub',
    '--noAssert',
    '--enable',
    'simd',
    '--enable',
    'relaxed-simd',
    '-O3',
    '--converge',
  ];
  const entry = ['assembly/roofline.ts', '--baseDir', folder, '--outFile', 'roofline.wasm', '--initialMemory', '2048'];
  const { error, stderr } = await asc.main([...entry, ...features], {
    writeFile(_name, contents) {
      binary = contents as Uint8Array<ArrayBuffer>;
    },
  });
  if (error || !binary) throw new Error(`the roofline kernels do not compile:\n${stderr.toString()}`);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { abort() {} } });
  return instance.exports as unknown as Kernels;
}

/**
 * The best of several measurements, some time apart, in milliseconds: the engine compiles a function anew while it runs,
 * and until it has done so a limit would be measured too low.
 */
async function timeBest(call: () => void, runs: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const time = createTimer(call, 30);
    for (let run = 0; run < runs; run++) best = Math.min(best, time());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return best;
}

/** From a positive number to the next in float32. */
const ulpOf = (x: number): number => 2 ** (Math.floor(Math.log2(x)) - 23);

export async function measureRoofline(): Promise<Roofline> {
  const kernels = await compile();
  const rounds = 100_000;
  const flops = (96 * rounds) / ((await timeBest(() => kernels.multiplyAdds(rounds, 0.999999, 1e-6), 5)) / 1000);

  const count = 4096;
  const [x, y] = [65536, 65536 + 4 * count];
  const input = new Float32Array(kernels.memory.buffer, x, count);
  const output = new Float32Array(kernels.memory.buffer, y, count);
  for (let i = 0; i < count; i++) input[i] = (87 * Math.LOG2E * i) / count;
  const takeExponentials = () => kernels.exponentials(count, x, -1, y);
  const expNanoseconds = ((await timeBest(takeExponentials, 5)) * 1e6) / count;
  const expUlps = input.reduce((worst, value, i) => {
    const exact = 2 ** -value;
    return Math.max(worst, Math.abs(output[i] - exact) / ulpOf(exact));
  }, 0);
  const time = createTimer(takeExponentials, 20);

  // 120 MB: more than any cache of a common machine's core.
  const size = 120 * 1024 * 1024;
  // Memory that was never written is one page of zeros over and over, which the cache holds.
  new Uint8Array(kernels.memory.buffer, 1024 * 1024, size).fill(1);
  const bytes = size / ((await timeBest(() => kernels.readBytes(size, 1024 * 1024), 2)) / 1000);
  return { flops, expNanoseconds, expUlps, bytes, timeExponentials: () => (time() * 1e6) / count };
}
