/** The benchmark's networks as plain numbers, for peers in JavaScript, and data that need only look like data. */
import { randomStream } from '@hitscan/mamba';

export interface Drawn {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const random = randomStream(1, 'bench peer');

export function drawNormal(count: number, mean = 0, deviation = 1): Float32Array {
  return Float32Array.from({ length: count }, () => mean + deviation * random.normal());
}

function draw(name: string, shape: readonly number[], value: (i: number) => number): Drawn {
  const size = shape.reduce((product, length) => product * length, 1);
  return { name, shape, values: Float32Array.from({ length: size }, (_, i) => value(i)) };
}

const uniform = (fanIn: number) => () => (2 * random.uniform() - 1) / Math.sqrt(fanIn);

/** Weights lie (inputs, outputs), as both peers multiply fastest. */
function drawBlock(prefix: string, dModel: number): Drawn[] {
  const [inner, rank, state] = [2 * dModel, Math.ceil(dModel / 16), 16];
  return [
    draw(`${prefix}inProj`, [dModel, 2 * inner], uniform(dModel)),
    draw(`${prefix}conv`, [4, inner], uniform(4)),
    draw(`${prefix}convBias`, [inner], uniform(4)),
    draw(`${prefix}xProj`, [inner, rank + 2 * state], uniform(inner)),
    draw(`${prefix}dtProj`, [rank, inner], uniform(rank)),
    draw(`${prefix}dtBias`, [inner], uniform(rank)),
    draw(`${prefix}ALog`, [inner, state], (i) => Math.log(1 + (i % state))),
    draw(`${prefix}D`, [inner], () => 1),
    draw(`${prefix}outProj`, [inner, dModel], uniform(inner)),
  ];
}

export function drawSeed(): Drawn[] {
  return [...drawBlock('0.', 13), draw('head', [13, 1], uniform(13)), draw('headBias', [1], uniform(13))];
}

export function drawTokens(): Drawn[] {
  const layers = [0, 1, 2, 3];
  return [
    ...layers.flatMap((k) => [draw(`${k}.norm`, [64], () => 1), ...drawBlock(`${k}.`, 64)]),
    draw('last', [64], () => 1),
    draw('head', [64, 1], uniform(64)),
    draw('headBias', [1], () => 0),
  ];
}

export function countParameters(drawn: readonly Drawn[]): number {
  return drawn.reduce((sum, { values }) => sum + values.length, 0);
}

export interface Task {
  readonly parameters: readonly Drawn[];
  readonly seed: boolean;
  readonly x: Drawn;
  readonly target: Drawn;
  readonly rate: number;
  readonly decay: number;
  readonly clip: number | null;
}

export function drawTask(seed: boolean): Task {
  const [batch, length, width] = seed ? [64, 1, 13] : [128, 13, 64];
  const target = seed ? drawNormal(batch, 66, 11) : drawNormal(batch);
  return {
    parameters: seed ? drawSeed() : drawTokens(),
    seed,
    x: { name: 'x', shape: [batch, length, width], values: drawNormal(batch * length * width) },
    target: { name: 'target', shape: [batch], values: target },
    rate: seed ? 1e-5 : 1e-3,
    decay: seed ? 0 : 0.01,
    clip: seed ? null : 1,
  };
}
