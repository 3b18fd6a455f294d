import { describe, expect, test } from 'vitest';
import { generateTwin } from '../tracks/twin.ts';
import { loadMamba, mambaRegressor } from './mamba.ts';
import { quantileLevels } from './mambaHead.ts';
import { type MambaSettings, presetSettings } from './mambaSettings.ts';
import type { Epoch, FitOptions, FittedRegressor, PredictedDistribution, SavedModel } from './regressor.ts';

const tracks = generateTwin({ rows: 260 });
const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const [train, validation, held] = [rowsFrom(0, 160), rowsFrom(160, 200), rowsFrom(200, 260)];
const actual = Float64Array.from(validation, (row) => tracks.popularity.values[row]);

function makeSettings(change: Partial<MambaSettings>): MambaSettings {
  const small = { layers: 1, dModel: 8, bins: 4, epochs: 3, batchRows: 64, learningRate: 5e-3 };
  return { ...presetSettings('tokens', true), ...small, ...change };
}

async function fit(change: Partial<MambaSettings>, options: Partial<FitOptions> = {}) {
  const history: Epoch[] = [];
  const regressor = mambaRegressor('tokens', makeSettings(change));
  const fitted = await regressor.fit(tracks, {
    seed: 5,
    train,
    validation,
    onEpoch: (epoch) => {
      history.push(epoch);
    },
    ...options,
  });
  return { fitted, history };
}

function bytesOf({ tensors }: SavedModel): Record<string, string> {
  return Object.fromEntries(
    [...tensors].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]),
  );
}

function distributionOf(fitted: FittedRegressor, rows: Uint32Array): PredictedDistribution {
  const distribution = fitted.predictDistribution?.(tracks, rows);
  if (!distribution) return expect.fail('no distribution');
  return distribution;
}

function average(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** The loss of a model's own predictions of the validation rows, in the unit that its epochs are said to be in. */
const validationLosses: Record<MambaSettings['loss'], (fitted: FittedRegressor) => number> = {
  meanSquaredError: (fitted) =>
    average(fitted.predict(tracks, validation).map((predicted, i) => (predicted - actual[i]) ** 2)),
  huber: (fitted) => validationLosses.meanSquaredError(fitted),
  gaussian(fitted) {
    const distribution = distributionOf(fitted, validation);
    if (distribution.kind !== 'gaussian') return Number.NaN;
    const { mean, deviation } = distribution;
    return average(
      actual.map(
        (value, i) => Math.log(deviation[i] * Math.sqrt(2 * Math.PI)) + 0.5 * ((value - mean[i]) / deviation[i]) ** 2,
      ),
    );
  },
  quantiles(fitted) {
    const distribution = distributionOf(fitted, validation);
    if (distribution.kind !== 'quantiles') return Number.NaN;
    const { values, levels } = distribution;
    return average(
      values.map((quantile, i) => {
        const error = actual[Math.floor(i / levels.length)] - quantile;
        const level = levels[i % levels.length];
        return Math.max(level * error, (level - 1) * error);
      }),
    );
  },
};

test('without patience, validation rows are trained on; watched rows tell losses and change nothing', async () => {
  const { fitted, history } = await fit({});
  expect(history.map(({ validationLoss }) => validationLoss)).toEqual([null, null, null]);
  const joined = await fit({}, { train: rowsFrom(0, 200), validation: rowsFrom(0, 0), watched: held });
  expect(bytesOf(joined.fitted.save())).toEqual(bytesOf(fitted.save()));
  const heldActual = Float64Array.from(held, (row) => tracks.popularity.values[row]);
  const errors = joined.fitted.predict(tracks, held).map((predicted, i) => (predicted - heldActual[i]) ** 2);
  // The weights kept are the last epoch's. Predictions and standardised targets are float32.
  expect((joined.history.at(-1)?.validationLoss ?? Number.NaN) / average(errors)).toBeCloseTo(1, 4);
});

describe.each(Object.keys(validationLosses) as MambaSettings['loss'][])('%s', (loss) => {
  test('epochs tell losses in points of popularity, as the predictions have them', async () => {
    const { fitted, history } = await fit({ loss, patience: 12 });
    expect(history.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    // The weights kept are those of the best epoch.
    const best = Math.min(...history.map(({ validationLoss }) => validationLoss ?? Number.NaN));
    // Predictions and standardised targets are float32. Quantiles that cross are sorted, which only makes them better.
    expect(validationLosses[loss](fitted) / best).toBeLessThan(1 + 1e-4);
    expect(validationLosses[loss](fitted) / best).toBeGreaterThan(loss === 'quantiles' ? 0.9 : 1 - 1e-4);
    // Training rows and validation rows are of one kind, and so are their losses.
    const { trainLoss } = history[2];
    expect(trainLoss).toBeGreaterThan(0.5 * best);
    expect(trainLoss).toBeLessThan(2 * best);
  });
});

test('one number a row is no distribution', async () => {
  const { fitted } = await fit({ epochs: 1 });
  expect(fitted.predictDistribution?.(tracks, held)).toBeNull();
});

test('a Gaussian model predicts its mean, within 0 and 100', async () => {
  const { fitted } = await fit({ loss: 'gaussian' });
  const distribution = distributionOf(fitted, held);
  if (distribution.kind !== 'gaussian') return expect.fail(distribution.kind);
  expect([...fitted.predict(tracks, held)]).toEqual([...distribution.mean.map((m) => Math.min(100, Math.max(0, m)))]);
  expect(distribution.deviation).toHaveLength(held.length);
  expect(distribution.deviation.every((value) => value > 1 && value < 100)).toBe(true);
});

test('a quantile model predicts its median, and its quantiles ascend', async () => {
  const { fitted } = await fit({ loss: 'quantiles' });
  const distribution = distributionOf(fitted, held);
  if (distribution.kind !== 'quantiles') return expect.fail(distribution.kind);
  const { levels, values } = distribution;
  expect(levels).toEqual(quantileLevels);
  expect(values).toHaveLength(held.length * levels.length);
  fitted.predict(tracks, held).forEach((predicted, r) => {
    const row = values.subarray(r * levels.length, (r + 1) * levels.length);
    expect(predicted).toBe(row[levels.indexOf(0.5)]);
    expect([...row]).toEqual([...row].sort((a, b) => a - b));
  });
});

test('the network of the seed preset has one number a row', () => {
  const settings = { ...presetSettings('seed', true), loss: 'gaussian' as const };
  expect(() => mambaRegressor('seed', settings)).toThrow('loss: must be meanSquaredError or huber');
});

/** One network of a saved ensemble, saved alone. */
function takeMember({ tensors, metadata }: SavedModel, member: number): SavedModel {
  const prefix = `members.${member}.`;
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return {
    tensors: new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
    metadata: { ...metadata, settings: JSON.stringify({ ...JSON.parse(metadata.settings), ensemble: 1 }) },
  };
}

describe('an ensemble', () => {
  const ensemble = 3;

  test('is the average of networks of different seeds, the first of them that of the seed alone', async () => {
    const { fitted, history } = await fit({ ensemble });
    const alone = await fit({});
    const members = [0, 1, 2].map((k) => loadMamba('mamba-tokens', takeMember(fitted.save(), k)));
    expect(bytesOf(members[0].save())).toEqual(bytesOf(alone.fitted.save()));
    const [a, b, c] = members.map((member) => member.predict(tracks, held));
    expect(a).not.toEqual(b);
    expect(b).not.toEqual(c);
    fitted.predict(tracks, held).forEach((predicted, i) => {
      expect(Math.abs(predicted - (a[i] + b[i] + c[i]) / 3)).toBeLessThan(1e-12 * 100);
    });
    expect(history.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(history.map(({ member }) => member)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect(history.slice(0, 3)).toEqual(alone.history.map((epoch) => ({ ...epoch, member: 0 })));
  });

  test('of Gaussians has the moments of their mixture', async () => {
    const { fitted } = await fit({ loss: 'gaussian', ensemble: 2, epochs: 2 });
    const [a, b] = [0, 1].map((k) => distributionOf(loadMamba('mamba-tokens', takeMember(fitted.save(), k)), held));
    const mixture = distributionOf(fitted, held);
    if (a.kind !== 'gaussian' || b.kind !== 'gaussian' || mixture.kind !== 'gaussian') return expect.fail('kind');
    for (let i = 0; i < held.length; i++) {
      expect(mixture.mean[i]).toBeCloseTo((a.mean[i] + b.mean[i]) / 2, 10);
      const square = (a.mean[i] ** 2 + a.deviation[i] ** 2 + b.mean[i] ** 2 + b.deviation[i] ** 2) / 2;
      expect(mixture.deviation[i]).toBeCloseTo(Math.sqrt(square - mixture.mean[i] ** 2), 8);
    }
  });

  test('is the same bytes on two threads, saved and loaded, and in how it predicts', async () => {
    const { fitted } = await fit({ ensemble, loss: 'quantiles', epochs: 1 });
    const threaded = await fit({ ensemble, loss: 'quantiles', epochs: 1 }, { threads: 2 });
    expect(bytesOf(threaded.fitted.save())).toEqual(bytesOf(fitted.save()));
    const loaded = loadMamba('mamba-tokens', fitted.save());
    expect([...loaded.predict(tracks, held)]).toEqual([...fitted.predict(tracks, held)]);
    expect(bytesOf(loaded.save())).toEqual(bytesOf(fitted.save()));
  });

  test('interrupted after any epoch goes on to the same bytes and tells every epoch again', async () => {
    const whole = await fit({ ensemble, loss: 'gaussian', epochs: 2 });
    for (const last of [0, 1, 2, 3, 5]) {
      let kept: SavedModel | null = null;
      const checkpoints = {
        load: () => kept,
        save: (state: SavedModel) => {
          kept = state;
        },
      };
      const controller = new AbortController();
      const interrupted = fit(
        { ensemble, loss: 'gaussian', epochs: 2 },
        {
          checkpoints,
          checkpointSeconds: 1000,
          signal: controller.signal,
          onEpoch: ({ epoch }) => {
            if (epoch === last) controller.abort(new Error('stop'));
          },
        },
      );
      await expect(interrupted).rejects.toThrow('stop');
      expect(kept).not.toBeNull();
      const resumed = await fit({ ensemble, loss: 'gaussian', epochs: 2 }, { checkpoints });
      expect(bytesOf(resumed.fitted.save())).toEqual(bytesOf(whole.fitted.save()));
      expect(resumed.history).toEqual(whole.history);
    }
  });

  test('counts progress over all of its networks', async () => {
    const seen: [epoch: number, epochs: number, secondsLeft: number][] = [];
    await fit(
      { ensemble: 2, epochs: 40 },
      { onProgress: ({ epoch, epochs, secondsLeft }) => seen.push([epoch, epochs, secondsLeft]) },
    );
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(([epoch, epochs, secondsLeft]) => epoch < 80 && epochs === 80 && secondsLeft >= 0)).toBe(true);
    expect(seen.map(([epoch]) => epoch)).toEqual(seen.map(([epoch]) => epoch).sort((a, b) => a - b));
  });
});
