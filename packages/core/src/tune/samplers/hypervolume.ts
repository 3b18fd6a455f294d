import type { Losses } from '../paretoFront.ts';

/** The corner from which volumes are measured: a tenth beyond the worst in every objective, never 0. */
function findCorner(points: readonly Losses[]): Losses {
  return points[0].map((_, k) => {
    const worst = points.reduce((most, point) => Math.max(most, point[k]), Number.NEGATIVE_INFINITY);
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
}

/**
 * The volume of all that points dominate, up to a corner that none of them exceeds.
 *
 * By slices along the last objective; n² for two objectives, n³ for three.
 */
export function measureHypervolume(points: readonly Losses[], corner: Losses): number {
  const last = corner.length - 1;
  if (last === 0) return points.reduce((most, [value]) => Math.max(most, corner[0] - value), 0);
  const ascending = [...points].sort((a, b) => a[last] - b[last]);
  let volume = 0;
  ascending.forEach((point, i) => {
    const depth = (ascending[i + 1]?.[last] ?? corner[last]) - point[last];
    if (depth > 0) volume += depth * measureHypervolume(ascending.slice(0, i + 1).map(dropLast), dropLast(corner));
  });
  return volume;
}

const dropLast = (point: Losses): Losses => point.slice(0, -1);

function compareLosses(a: Losses, b: Losses): number {
  const k = a.findIndex((value, i) => value !== b[i]);
  return k < 0 ? 0 : a[k] - b[k];
}

/**
 * Of points that do not dominate each other, `count` that together dominate much: greedily the one that adds the most
 * volume, the first in lexicographic order where several do. Repeated points come last.
 *
 * Returns their indices. Source: Guerreiro, Fonseca & Paquete 2016; the volume is at least 1 − 1/e of the best.
 */
export function selectByHypervolume(points: readonly Losses[], count: number): number[] {
  const ordered = points.map((_, i) => i).sort((a, b) => compareLosses(points[a], points[b]) || a - b);
  const isRepeat = (i: number, place: number) =>
    place > 0 && compareLosses(points[ordered[place - 1]], points[i]) === 0;
  const different = ordered.filter((i, place) => !isRepeat(i, place));
  const repeats = points.map((_, i) => i).filter((i) => !different.includes(i));
  if (different.length < count) return [...different, ...repeats.slice(0, count - different.length)];
  const corner = findCorner(points);
  // Beyond all bounds one volume is as good as another.
  if (different.length === count || corner.some((value) => !Number.isFinite(value))) return different.slice(0, count);

  const chosen: number[] = [];
  let volume = 0;
  // What a point adds never grows, so one that added less earlier than another does now need not be measured again.
  const bounds = new Map(different.map((i) => [i, Number.POSITIVE_INFINITY]));
  while (chosen.length < count) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const i of different) {
      const bound = bounds.get(i);
      if (bound === undefined || bound < most) continue;
      const added =
        measureHypervolume(
          [...chosen, i].map((j) => points[j]),
          corner,
        ) - volume;
      bounds.set(i, added);
      if (added > most) [best, most] = [i, added];
    }
    chosen.push(best);
    bounds.delete(best);
    volume += most;
  }
  return chosen;
}
