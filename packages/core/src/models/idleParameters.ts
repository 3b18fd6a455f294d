import { createBackend, createTraining, type Model, randomStream, vectorNetwork } from '@hitscan/mamba';

/** Parameters of a network by the name of their tensor, and how many of them no training row can move. */
export interface IdleTensor {
  readonly name: string;
  readonly count: number;
  readonly idle: number;
}

export interface IdleParameters {
  /** The Mamba block's tensors; the head's stand apart, as they would in any network. */
  readonly block: readonly IdleTensor[];
  readonly head: readonly IdleTensor[];
}

/** Rows of noise that the gradient is taken on: a parameter that none of them moves is moved by no row. */
const rows = 256;

/**
 * Counts, by their gradients, the parameters of the seed's network that cannot learn: with one token a song, the state
 * begins at 0 and is never read, so A_log has no effect, and of the convolution's taps all but the last see only the
 * padding before the song.
 */
export async function countIdleParameters(): Promise<IdleParameters> {
  const features = 13;
  const model: Model = vectorNetwork({ dModel: features, dState: 16, dConv: 4, expand: 2, outputScale: 100 });
  const draw = randomStream(1, 'idle parameters');
  const training = createTraining({
    backend: createBackend('reference'),
    model,
    // Without β₁, and clipped by nothing, the first moment is the gradient itself.
    config: {
      epochs: 1,
      batchRows: rows,
      learningRate: 1e-6,
      schedule: { kind: 'constant', warmup: 0 },
      weightDecay: 0,
      beta1: 0,
      beta2: 0.999,
      epsilon: 1e-8,
      clipNorm: null,
      loss: 'meanSquaredError',
      patience: null,
      seed: 1,
    },
    training: {
      rows,
      inputs: { features: Float32Array.from({ length: rows * features }, () => draw.normal()) },
      target: Float32Array.from({ length: rows }, () => 50 + 10 * draw.normal()),
    },
    validation: null,
  });
  try {
    for await (const _ of training.run());
    const gradients = [...training.state().tensors].filter(([name]) => name.startsWith('first/'));
    const tensors = gradients.map(([name, { data }]): IdleTensor => {
      const idle = Array.from(data).filter((value) => Number(value) === 0).length;
      return { name: name.slice('first/'.length), count: data.length, idle };
    });
    const isHead = ({ name }: IdleTensor) => name.startsWith('head.');
    return { block: tensors.filter((tensor) => !isHead(tensor)), head: tensors.filter(isHead) };
  } finally {
    await training.dispose();
  }
}
