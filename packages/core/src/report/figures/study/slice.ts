import type { Trial } from '../../../tune/trial.ts';
import { formatCount } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, plotWidth, thin } from '../draw.ts';
import {
  describeBeyond,
  findValueRange,
  type Objective,
  rankTrials,
  selectBestTenth,
  selectValued,
  type Valued,
} from './objective.ts';
import { makeAxis, type ParameterAxis, toScale } from './parameterAxis.ts';
import { drawBest, drawComplete, drawPruned } from './signs.ts';

/** Trials drawn in a panel at most. */
const mostSliceTrials = 300;

/** Values of the trials against one of their parameters; at most `mostSliceTrials` evenly spaced ones are drawn. */
export function drawSlice(
  document: DrawingDocument,
  trials: readonly Trial[],
  name: string,
  objective: Objective,
): string {
  const axis = makeAxis(trials, name);
  const [complete, pruned] = (['complete', 'pruned'] as const).map((state) =>
    selectValued(trials, objective, state).filter(({ trial }) => axis.placeOf(trial) !== null),
  );
  const all = [...complete, ...pruned];
  const { domain, clamp } = findValueRange(
    all.map(({ value }) => value),
    objective,
  );
  const place = ({ trial, value }: Valued) => ({ x: axis.spreadOf(trial) as number, y: clamp(value) });
  const kept = new Set(thin(all.length, mostSliceTrials).map((i) => all[i]));
  const placeKept = (part: readonly Valued[]) => part.filter((entry) => kept.has(entry)).map(place);
  const [best] = rankTrials(trials, objective).filter(({ trial }) => axis.placeOf(trial) !== null);
  return drawPlot(document, describeSlices(trials, [name], objective), {
    width: plotWidth,
    height: 240,
    marginLeft: 52,
    marginTop: 28,
    marginBottom: 42,
    x: toScale(axis),
    y: { label: objective.label, domain: [...domain], ticks: 5, grid: true },
    marks: [
      drawPruned(placeKept(pruned)),
      drawComplete(placeKept(complete)),
      ...(best
        ? drawBest(place(best), `trial ${best.trial.number}`, {
            share: axis.shareOf(place(best).x),
            above: objective.direction === 'maximize',
          })
        : []),
    ],
  });
}

/** Where the best tenth of the complete trials lie, on each of the parameters. */
export function describeSlices(trials: readonly Trial[], names: readonly string[], objective: Objective): string {
  const ranked = rankTrials(trials, objective);
  const best = selectBestTenth(ranked);
  const values = [...ranked, ...selectValued(trials, objective, 'pruned')].map(({ value }) => value);
  const end = values.length > 0 ? describeBeyond(findValueRange(values, objective)) : '';
  if (best.length === 0) return `No trial was completed.${end}`;
  const places = names.map((name) => {
    const axis = makeAxis(trials, name);
    const having = best.filter(({ trial }) => axis.placeOf(trial) !== null);
    if (having.length === 0) return `no ${name}`;
    const some = having.length < best.length ? ` (${having.length} of them)` : '';
    return `${name} ${describePlaces(axis, having)}${some}`;
  });
  const all = formatCount(ranked.length);
  const lead =
    best.length === 1
      ? `The best of ${all} complete trials, trial ${best[0].trial.number}, has`
      : `The best ${formatCount(best.length)} of ${all} complete trials have`;
  return `${lead} ${places.join(', ')}.${end}`;
}

/** The places of trials in words: `mean or cls`, `0.001 to 0.004`. */
export function describePlaces(axis: ParameterAxis, entries: readonly Valued[]): string {
  const places = [...new Set(entries.map(({ trial }) => axis.placeOf(trial) as number))].sort((a, b) => a - b);
  if (axis.kind === 'category') return places.map((place) => axis.format(place)).join(' or ');
  const [low, high] = [axis.format(places[0]), axis.format(places[places.length - 1])];
  return low === high ? low : `${low} to ${high}`;
}
