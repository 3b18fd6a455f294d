/**
 * TensorFlow.js on its WebAssembly backend. It has no scan: the recurrence is a loop over positions of its operations.
 * Its backend runs on one thread in Node, as it starts threads only where a browser's workers are.
 */
import { join } from 'node:path';
import { checkFalling, converse, load, type Row, readVersion } from './conversation.ts';
import { countParameters, type Drawn, drawTask, type Task } from './drawNetwork.ts';

const versions = { '@tensorflow/tfjs-backend-wasm': readVersion('@tensorflow/tfjs-backend-wasm') };
const tf = await load('@tensorflow/tfjs/dist/tf.node.js').then((module) => module.default);
const wasm = await load('@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.node.js').then((module) => module.default);
wasm.setWasmPaths(`${join(process.argv[2] ?? 'node_modules', '@tensorflow/tfjs-backend-wasm/wasm-out')}/`);
await tf.setBackend('wasm');
await tf.ready();

type Tensor = ReturnType<typeof tf.tensor>;
type Weights = Readonly<Record<string, Tensor>>;

const silu = (x: Tensor) => tf.mul(x, tf.sigmoid(x));

/** By position; its derivative of a single part fails, so that one is squeezed. */
const takeApart = (x: Tensor): Tensor[] => (x.shape[1] === 1 ? [tf.squeeze(x, [1])] : tf.unstack(x, 1));

/** x (rows, length, inputs) by weight (inputs, outputs). */
function multiply(x: Tensor, weight: Tensor): Tensor {
  const [rows, length, inputs] = x.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [rows * length, inputs]), weight), [rows, length, weight.shape[1]]);
}

function mamba(p: Weights, at: string, x: Tensor): Tensor {
  const [rank, inner] = p[`${at}dtProj`].shape;
  const length = x.shape[1];
  const [u0, z] = tf.split(multiply(x, p[`${at}inProj`]), 2, -1);
  const padded = tf.pad(u0, [
    [0, 0],
    [3, 0],
    [0, 0],
  ]);
  const taps = tf
    .unstack(p[`${at}conv`])
    .map((tap: Tensor, k: number) => tf.mul(tf.slice(padded, [0, k, 0], [-1, length, -1]), tap));
  const u = silu(
    tf.add(
      taps.reduce((sum: Tensor, tap: Tensor) => tf.add(sum, tap)),
      p[`${at}convBias`],
    ),
  );
  const [dt, B, C] = tf.split(multiply(u, p[`${at}xProj`]), [rank, 16, 16], -1);
  const delta = tf.softplus(tf.add(multiply(dt, p[`${at}dtProj`]), p[`${at}dtBias`]));
  const decay = tf.exp(tf.mul(tf.expandDims(delta, -1), tf.neg(tf.exp(p[`${at}ALog`]))));
  const drive = tf.mul(tf.expandDims(tf.mul(delta, u), -1), tf.expandDims(B, 2));
  const [decays, drives, Cs] = [decay, drive, C].map(takeApart);
  let h = drives[0];
  const outputs = Cs.map((c: Tensor, t: number) => {
    if (t > 0) h = tf.add(tf.mul(decays[t], h), drives[t]);
    return tf.sum(tf.mul(h, tf.expandDims(c, 1)), -1);
  });
  const y = tf.add(tf.stack(outputs, 1), tf.mul(u, p[`${at}D`]));
  return tf.reshape(multiply(tf.mul(y, silu(z)), p[`${at}outProj`]), [x.shape[0], length, inner / 2]);
}

const normalise = (x: Tensor, weight: Tensor) =>
  tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight);

function predict(p: Weights, seed: boolean, x: Tensor): Tensor {
  const score = (pooled: Tensor) => tf.squeeze(tf.add(tf.matMul(pooled, p.head), p.headBias), [-1]);
  if (seed) return tf.mul(tf.sigmoid(score(tf.relu(tf.squeeze(mamba(p, '0.', x), [1])))), 100);
  let y = x;
  for (let k = 0; k < 4; k++) y = tf.add(y, mamba(p, `${k}.`, normalise(y, p[`${k}.norm`])));
  return score(tf.mean(normalise(y, p.last), 1));
}

const place = ({ values, shape }: Drawn) => tf.tensor(values, shape);

/** Makes a training and gives back a function that takes one step and tells the loss before it. */
function createSteps({ parameters, seed, x, target, rate, decay, clip }: Task): () => number {
  const entries = parameters.map((drawn) => [drawn.name, tf.variable(place(drawn))] as const);
  const p: Weights = Object.fromEntries(entries);
  const variables = entries.map(([, variable]) => variable);
  const adam = tf.train.adam(rate, 0.9, 0.999, 1e-8);
  const [input, wanted] = [place(x), place(target)];
  return () =>
    tf.tidy(() => {
      const lossOf = () => tf.mean(tf.squaredDifference(predict(p, seed, input), wanted));
      const { value, grads } = tf.variableGrads(lossOf, variables);
      let scale = null;
      if (clip) {
        const squares = Object.values<Tensor>(grads).map((gradient) => tf.sum(tf.square(gradient)));
        scale = tf.minimum(1, tf.div(clip, tf.add(tf.sqrt(tf.addN(squares)), 1e-6)));
      }
      const clipped = Object.entries(grads).map(([name, tensor]) => ({
        name,
        tensor: scale ? tf.mul(tensor, scale) : tensor,
      }));
      if (decay > 0) for (const variable of variables) variable.assign(tf.mul(variable, 1 - rate * decay));
      adam.applyGradients(clipped);
      return value.dataSync()[0];
    });
}

function trainingRow(seed: boolean, count: number, factor: number): Row {
  const task = drawTask(seed);
  return {
    parameters: countParameters(task.parameters),
    async prepare() {
      const step = createSteps(task);
      const first = step();
      step();
      return async () => {
        const started = performance.now();
        let last = first;
        for (let k = 0; k < count; k++) last = step();
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
    const [x, weight] = [tf.randomNormal([1664, 64]), tf.randomNormal([64, 256])];
    const once = () => tf.dispose(tf.matMul(x, weight));
    once();
    return async () => {
      const started = performance.now();
      for (let k = 0; k < 20; k++) once();
      return (20 * 2 * 1664 * 64 * 256) / (performance.now() - started) / 1e6;
    };
  },
};

await converse(`TensorFlow.js ${versions['@tensorflow/tfjs-backend-wasm']} WASM`, versions, {
  'seed-training': trainingRow(true, 100, 27_000),
  'tokens-step': trainingRow(false, 1, 1000),
  matmul: multiplication,
});
