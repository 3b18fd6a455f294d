import type { TrainingConfig } from '@hitscan/mamba';
import { restore, type Scale } from '../features/standardise.ts';
import type { MambaSettings } from './mambaSettings.ts';
import type { Epoch, PredictedDistribution } from './regressor.ts';

/**
 * What the loss `quantiles` learns: every twentieth, among them the ends of the central 50, 80 and 90 %. From so many, the
 * ranked probability score of a normal variable comes out right to 0.4 %; from those six and the median, to 3.5 %.
 */
export const quantileLevels: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** What networks say of rows, in points of popularity. */
export interface Decoded {
  /** (rows), within 0 and 100. */
  readonly predicted: Float64Array;
  /** Null where a network predicts one number a row. */
  readonly distribution: PredictedDistribution | null;
}

/** What the numbers mean that a network predicts for a row; a loss decides it. */
export interface Head {
  readonly loss: TrainingConfig['loss'];
  /** What ends training early. */
  readonly watch: TrainingConfig['loss'];
  /** Numbers a row. */
  readonly outputs: number;
  /** What they describe; null where that is one number a row. */
  readonly distribution: PredictedDistribution['kind'] | null;
  /**
   * What networks of different seeds say together; each predicted (rows, outputs), in units of the target's scale. Their
   * numbers are averaged; of Gaussians, the mean and the variance are those of the mixture.
   */
  decode(members: readonly Float32Array[], target: Scale): Decoded;
  /** Losses as people read them, from those in units of the target's scale. */
  convert(epoch: Epoch, target: Scale): Epoch;
}

function clip(value: number): number {
  return Math.min(100, Math.max(0, value));
}

/** (rows, outputs): the networks' mean. */
function average(members: readonly Float32Array[]): Float64Array {
  const sums = Float64Array.from(members[0]);
  for (const member of members.slice(1)) for (let i = 0; i < sums.length; i++) sums[i] += member[i];
  return sums.map((sum) => sum / members.length);
}

function everyOther(values: ArrayLike<number>, from: number): Float64Array {
  return Float64Array.from({ length: values.length / 2 }, (_, r) => values[2 * r + from]);
}

function decodeNumbers(members: readonly Float32Array[], target: Scale): Decoded {
  // A network is free to leave the scale of popularity; a prediction is not.
  return { predicted: average(members).map((value) => clip(restore(value, target))), distribution: null };
}

function decodeGaussians(members: readonly Float32Array[], target: Scale): Decoded {
  const means = everyOther(average(members), 0);
  const deviation = means.map((mean, r) => {
    let variance = 0;
    for (const member of members) variance += Math.exp(member[2 * r + 1]) + (member[2 * r] - mean) ** 2;
    return Math.sqrt(variance / members.length) * target.deviation;
  });
  const mean = means.map((value) => restore(value, target));
  return { predicted: mean.map(clip), distribution: { kind: 'gaussian', mean, deviation } };
}

function decodeQuantiles(members: readonly Float32Array[], target: Scale): Decoded {
  const width = quantileLevels.length;
  const values = average(members).map((value) => clip(restore(value, target)));
  // Nothing keeps a network's quantiles in order; sorted, they are nearer to the true ones (Chernozhukov et al. 2010).
  for (let at = 0; at < values.length; at += width) values.subarray(at, at + width).sort();
  const median = quantileLevels.indexOf(0.5);
  const predicted = Float64Array.from({ length: values.length / width }, (_, r) => values[r * width + median]);
  return { predicted, distribution: { kind: 'quantiles', levels: quantileLevels, values } };
}

function scaleLosses({ epoch, trainLoss, validationLoss }: Epoch, train: number, validation = train): Epoch {
  return {
    epoch,
    trainLoss: trainLoss * train,
    validationLoss: validationLoss === null ? null : validationLoss * validation,
  };
}

/**
 * What a network predicts that is trained by a loss, and in which unit its losses are told:
 * `meanSquaredError` and `huber` in squared popularity (Huber's is doubled: then it is the squared error too, where errors are
 * small), `quantiles` in points of popularity (the pinball loss), `gaussian` in nats (of a density a point of popularity).
 * The validation loss is the squared error where the network predicts one number, else the loss itself.
 */
export function defineHead(loss: MambaSettings['loss']): Head {
  switch (loss) {
    case 'meanSquaredError':
    case 'huber':
      return {
        loss,
        watch: 'meanSquaredError',
        outputs: 1,
        distribution: null,
        decode: decodeNumbers,
        convert: (epoch, { deviation }) =>
          scaleLosses(epoch, deviation ** 2 * (loss === 'huber' ? 2 : 1), deviation ** 2),
      };
    case 'gaussian':
      return {
        loss: { kind: loss },
        watch: { kind: loss },
        outputs: 2,
        distribution: loss,
        decode: decodeGaussians,
        convert: ({ epoch, trainLoss, validationLoss }, { deviation }) => ({
          epoch,
          trainLoss: trainLoss + Math.log(deviation),
          validationLoss: validationLoss === null ? null : validationLoss + Math.log(deviation),
        }),
      };
    case 'quantiles':
      return {
        loss: { kind: loss, levels: quantileLevels },
        watch: { kind: loss, levels: quantileLevels },
        outputs: quantileLevels.length,
        distribution: loss,
        decode: decodeQuantiles,
        convert: (epoch, { deviation }) => scaleLosses(epoch, deviation),
      };
  }
}
