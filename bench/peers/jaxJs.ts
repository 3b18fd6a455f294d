/**
 * jax-js on its WebAssembly backend: the whole training step under jit. It has no scan: the recurrence is unrolled.
 * Its arrays are counted: an argument is consumed, `.ref` keeps it.
 */
import { checkFalling, converse, load, type Row, readVersion } from './conversation.ts';
import { countParameters, type Drawn, drawTask, type Task } from './drawNetwork.ts';

const versions = { '@jax-js/jax': readVersion('@jax-js/jax') };
const jax = await load('@jax-js/jax/dist/index.js');
await jax.init('wasm');
jax.defaultDevice('wasm');
const { nn, numpy: np } = jax;

type Array = ReturnType<typeof np.array>;
type Weights = Readonly<Record<string, Array>>;

const take = (x: Array, axis: number, from: number, to: number) => {
  const index = x.shape.map((_: number, k: number) => (k === axis ? [from, to] : []));
  return x.ref.slice(...index);
};

function mamba(p: Weights, at: string, x: Array): Array {
  const [rank, inner] = p[`${at}dtProj`].shape;
  const length = x.shape[1];
  const both = np.matmul(x, p[`${at}inProj`].ref);
  const z = take(both, 2, inner, 2 * inner);
  const padded = np.pad(take(both, 2, 0, inner), [
    [0, 0],
    [3, 0],
    [0, 0],
  ]);
  const taps = [0, 1, 2, 3].map((k) => take(padded, 1, k, k + length).mul(p[`${at}conv`].ref.slice(k)));
  const u = nn.silu(taps.reduce((sum, tap) => sum.add(tap)).add(p[`${at}convBias`].ref));
  const parts = np.matmul(u.ref, p[`${at}xProj`].ref);
  const delta = nn.softplus(np.matmul(take(parts, 2, 0, rank), p[`${at}dtProj`].ref).add(p[`${at}dtBias`].ref));
  const B = take(parts, 2, rank, rank + 16);
  const C = take(parts, 2, rank + 16, rank + 32);
  const A = np.exp(p[`${at}ALog`].ref).neg();
  const decay = np.exp(np.expandDims(delta.ref, -1).mul(A));
  const drive = np.expandDims(delta.mul(u.ref), -1).mul(np.expandDims(B, 2));
  const position = (all: Array, t: number) => np.squeeze(take(all, 1, t, t + 1), 1);
  let h = position(drive, 0);
  const outputs = [];
  for (let t = 0; t < length; t++) {
    if (t > 0) h = position(decay, t).mul(h).add(position(drive, t));
    outputs.push(np.sum(h.ref.mul(np.expandDims(position(C, t), 1)), -1));
  }
  const y = np.stack(outputs, 1).add(u.mul(p[`${at}D`].ref));
  return np.matmul(y.mul(nn.silu(z)), p[`${at}outProj`].ref);
}

function normalise(x: Array, weight: Array): Array {
  const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(1e-5)))).mul(weight);
}

function predict(p: Weights, seed: boolean, x: Array): Array {
  const score = (pooled: Array) => np.squeeze(np.matmul(pooled, p.head.ref).add(p.headBias.ref), -1);
  if (seed) return nn.sigmoid(score(nn.relu(np.squeeze(mamba(p, '0.', x), 1)))).mul(100);
  let y = x;
  for (let k = 0; k < 4; k++) y = y.ref.add(mamba(p, `${k}.`, normalise(y, p[`${k}.norm`].ref)));
  return score(np.mean(normalise(y, p.last.ref), 1));
}

const place = ({ values, shape }: Drawn) => np.array(values).reshape(shape);

/** Makes a training and gives back a function that takes one step and tells the loss before it. */
function createSteps({ parameters, seed, x, target, rate, decay, clip }: Task): () => Promise<number> {
  const names = parameters.map(({ name }) => name);
  const step = jax.jit((p: Array[], m: Array[], v: Array[], corrections: Array, input: Array, wanted: Array) => {
    const lossOf = (weights: Array[]) => {
      const named = Object.fromEntries(weights.map((weight, k) => [names[k], weight]));
      return np.mean(np.square(predict(named, seed, input.ref).sub(wanted.ref)));
    };
    const [loss, gradients] = jax.valueAndGrad(lossOf)(p.map((weight) => weight.ref));
    let g: Array[] = gradients;
    if (clip) {
      const squares = g.map((one) => np.sum(np.square(one.ref)));
      const norm = np.sqrt(squares.reduce((sum, one) => sum.add(one)));
      const scale = np.minimum(np.reciprocal(norm.add(1e-6)).mul(clip), 1);
      g = g.map((one) => one.mul(scale.ref));
    }
    const m1 = m.map((one, k) => one.mul(0.9).add(g[k].ref.mul(0.1)));
    const v1 = v.map((one, k) => one.mul(0.999).add(np.square(g[k].ref).mul(0.001)));
    const p1 = p.map((one, k) => {
      const mean = m1[k].ref.div(corrections.ref.slice(0));
      const deviation = np.sqrt(v1[k].ref.div(corrections.ref.slice(1))).add(1e-8);
      return one.mul(1 - rate * decay).sub(mean.div(deviation).mul(rate));
    });
    return [p1, m1, v1, loss];
  });
  let p = parameters.map(place);
  let m = parameters.map(({ shape }) => np.zeros(shape));
  let v = parameters.map(({ shape }) => np.zeros(shape));
  const [input, wanted] = [place(x), place(target)];
  let t = 0;
  return async () => {
    t++;
    const corrections = np.array(new Float32Array([1 - 0.9 ** t, 1 - 0.999 ** t]));
    let loss: Array;
    [p, m, v, loss] = step(p, m, v, corrections, input.ref, wanted.ref);
    return (await loss.data())[0];
  };
}

function trainingRow(seed: boolean, count: number, factor: number): Row {
  const task = drawTask(seed);
  return {
    parameters: countParameters(task.parameters),
    async prepare() {
      const step = createSteps(task);
      const first = await step();
      return async () => {
        const started = performance.now();
        let last = first;
        for (let k = 0; k < count; k++) last = await step();
        const seconds = (performance.now() - started) / 1000 / count;
        checkFalling(first, last);
        return factor * seconds;
      };
    },
  };
}

const multiplication: Row = {
  parameters: null,
  async prepare() {
    const [x, weight] = [np.ones([1664, 64]), np.ones([64, 256])];
    const once = () => np.matmul(x.ref, weight.ref).data();
    await once();
    return async () => {
      const started = performance.now();
      for (let k = 0; k < 20; k++) await once();
      return (20 * 2 * 1664 * 64 * 256) / (performance.now() - started) / 1e6;
    };
  },
};

await converse(`jax-js ${versions['@jax-js/jax']} WASM`, versions, {
  'seed-training': trainingRow(true, 100, 27_000),
  'tokens-step': trainingRow(false, 1, 1000),
  matmul: multiplication,
});
process.exit();
