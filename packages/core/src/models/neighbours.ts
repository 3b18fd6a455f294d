import { z } from 'zod';
import { type ContextGroup, listGroups } from '../features/context.ts';
import { type Design, designSchema, encodeDesign, fitDesign } from '../features/designMatrix.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { createPause } from '../yieldToEvents.ts';
import type { FittedRegressor, Regressor, SavedModel } from './regressor.ts';
import { readPlain, readTensor } from './savedParts.ts';
import { cutInnerFolds, gatherPopularity, joinRows } from './trainingRows.ts';

const name = 'neighbours';

/** Numbers of neighbours that are tried. */
const neighbourCounts = [10, 20, 40, 80];

/** Rows that are searched for between two breaths. */
const breathRows = 200;

export interface FittedNeighbours extends FittedRegressor {
  /** How many neighbours are averaged. */
  readonly neighbours: number;
}

/** The training rows, as they are searched. */
interface Memory {
  readonly design: Design;
  /** (rows, columns), row-major. */
  readonly points: Float64Array;
  /** (rows). */
  readonly popularity: Float64Array;
}

function remember(tracks: Tracks, rows: Rows, groups: readonly ContextGroup[], seed: number): Memory {
  const design = fitDesign(tracks, rows, groups, seed);
  return { design, points: encodeDesign(design, tracks, rows), popularity: gatherPopularity(tracks, rows) };
}

/**
 * Finds the `nearest.length` remembered points nearest to the one at `query`, nearest first, by squared Euclidean
 * distance; of equally near ones the earlier. Exact: all are looked at, each only until it is too far.
 */
export function findNearest(points: Float64Array, query: Float64Array, nearest: Uint32Array): void {
  const columns = query.length;
  const count = nearest.length;
  const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const rows = points.length / columns;
  for (let row = 0; row < rows; row++) {
    const limit = distances[count - 1];
    let distance = 0;
    for (let j = 0; j < columns && distance < limit; j++) {
      const apart = points[row * columns + j] - query[j];
      distance += apart * apart;
    }
    if (distance >= limit) continue;
    let at = count - 1;
    for (; at > 0 && distances[at - 1] > distance; at--) {
      distances[at] = distances[at - 1];
      nearest[at] = nearest[at - 1];
    }
    distances[at] = distance;
    nearest[at] = row;
  }
}

/** The mean popularity of the first `count` neighbours. */
function averageNearest(popularity: Float64Array, nearest: Uint32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += popularity[nearest[i]];
  return sum / count;
}

/** The number of neighbours that has the least squared error over the folds; of equal ones the greatest. */
async function chooseCount(
  tracks: Tracks,
  rows: Rows,
  groups: readonly ContextGroup[],
  seed: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const errors = neighbourCounts.map(() => 0);
  const breathe = createPause(signal);
  for (const { train, heldOut } of cutInnerFolds(tracks, rows, seed)) {
    const { design, points, popularity } = remember(tracks, train, groups, seed);
    const queries = encodeDesign(design, tracks, heldOut);
    const actual = gatherPopularity(tracks, heldOut);
    const columns = design.scales.length;
    const nearest = new Uint32Array(Math.min(train.length, Math.max(...neighbourCounts)));
    for (let i = 0; i < heldOut.length; i++) {
      findNearest(points, queries.subarray(i * columns, (i + 1) * columns), nearest);
      neighbourCounts.forEach((count, k) => {
        const predicted = averageNearest(popularity, nearest, Math.min(count, nearest.length));
        errors[k] += (predicted - actual[i]) ** 2;
      });
      if (i % breathRows === 0) await breathe();
    }
  }
  return neighbourCounts[errors.lastIndexOf(Math.min(...errors))];
}

/**
 * The mean popularity of the nearest training rows, each column standardised. 10, 20, 40 or 80 are averaged: the number
 * of least squared error over five folds of the training rows, repeats of a song together. Fitted on training and
 * validation rows together; a missing value counts as their mean. With fewer rows than neighbours, all are averaged.
 */
export function neighboursRegressor(groups: readonly ContextGroup[]): Regressor<FittedNeighbours> {
  return {
    name,
    async fit(tracks, { train, validation, seed, signal }) {
      const rows = joinRows(train, validation);
      const count = await chooseCount(tracks, rows, groups, seed, signal);
      return fitted(remember(tracks, rows, groups, seed), count);
    },
  };
}

/** Throws: DataError where the saved model is not whole. */
export function loadNeighbours(saved: SavedModel): FittedNeighbours {
  const design = readPlain(saved, 'design', designSchema);
  const rows = Math.max(1, saved.tensors.get('popularity')?.shape[0] ?? 0);
  const popularity = readTensor(saved, 'popularity', [rows]);
  const points = readTensor(saved, 'points', [rows, design.scales.length]);
  return fitted({ design, points, popularity }, readPlain(saved, 'neighbours', z.int().min(1)));
}

function fitted(memory: Memory, neighbours: number): FittedNeighbours {
  const { design, points, popularity } = memory;
  const columns = design.scales.length;
  return {
    name,
    context: listGroups(design.context),
    neighbours,
    predict(tracks, rows) {
      const queries = encodeDesign(design, tracks, rows);
      const nearest = new Uint32Array(Math.min(neighbours, popularity.length));
      return Float64Array.from(rows, (_, i) => {
        findNearest(points, queries.subarray(i * columns, (i + 1) * columns), nearest);
        return averageNearest(popularity, nearest, nearest.length);
      });
    },
    save: () => ({
      tensors: new Map([
        ['points', { shape: [popularity.length, columns], data: points.slice() }],
        ['popularity', { shape: [popularity.length], data: popularity.slice() }],
      ]),
      metadata: { model: name, design: JSON.stringify(design), neighbours: String(neighbours) },
    }),
  };
}
