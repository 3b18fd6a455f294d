import * as Plot from '@observablehq/plot';
import { isFinished, type Trial } from '../../../tune/trial.ts';
import { formatCount } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth } from '../draw.ts';
import {
  describeBeyond,
  findValueRange,
  formatValue,
  isBetter,
  type Objective,
  rankTrials,
  selectValued,
  superlative,
  type Valued,
} from './objective.ts';
import { listWholeTicks } from './parameterAxis.ts';
import { drawBest, drawComplete, drawPruned } from './signs.ts';

/** The values of all trials by number: complete, pruned, the best so far as a stepped line, the best of all named. */
export function drawHistory(document: DrawingDocument, trials: readonly Trial[], objective: Objective): string {
  const complete = selectValued(trials, objective, 'complete');
  const pruned = selectValued(trials, objective, 'pruned');
  const values = [...complete, ...pruned].map(({ value }) => value);
  const { domain, clamp } = findValueRange(values, objective);
  const last = Math.max(1, ...trials.map(({ number }) => number));
  const place = ({ trial, value }: Valued) => ({ x: trial.number, y: clamp(value) });
  const steps = listBestSoFar(complete, objective).map(place);
  // The last step needs its right end.
  const line = [...steps, ...steps.slice(-1).map(({ y }) => ({ x: last, y }))];
  const [best] = rankTrials(trials, objective);
  return drawPlot(document, describeHistory(trials, objective), {
    width: plotWidth,
    height: 280,
    marginLeft: 52,
    marginTop: 28,
    marginBottom: 42,
    x: {
      label: 'trial',
      domain: [-0.02 * last, 1.02 * last],
      ticks: listWholeTicks(0, last, 6),
      tickFormat: String,
    },
    y: { label: objective.label, domain: [...domain], ticks: 5, grid: true },
    marks: [
      drawPruned(pruned.map(place)),
      drawComplete(complete.map(place)),
      Plot.line(line, {
        x: 'x',
        y: 'y',
        curve: 'step-after',
        stroke: palette.second,
        strokeWidth: 2,
      }),
      ...(best
        ? drawBest(place(best), `trial ${best.trial.number}`, {
            share: best.trial.number / last,
            above: objective.direction === 'maximize',
          })
        : []),
    ],
  });
}

/** One sentence or two on what the history shows. */
export function describeHistory(trials: readonly Trial[], objective: Objective): string {
  const complete = selectValued(trials, objective, 'complete');
  const pruned = selectValued(trials, objective, 'pruned');
  const [best] = rankTrials(trials, objective);
  const values = [...complete, ...pruned].map(({ value }) => value);
  const end = values.length > 0 ? describeBeyond(findValueRange(values, objective)) : '';
  if (!best) return `No trial was completed; the marks are last reports of pruned ones.${end}`;
  const lead = `Trial ${best.trial.number} has the ${superlative(objective)} ${objective.label}, ${formatValue(best.value)}`;
  const caution = pruned.some(({ value }) => isBetter(objective, value, best.value))
    ? ' Marks of pruned trials beyond it are of fewer steps and not comparable.'
    : '';
  if (complete.length === 1) return `${lead}, and is the only one that was completed.${caution}${end}`;
  const later = trials.filter(({ number, state }) => number > best.trial.number && isFinished(state)).length;
  const after = `the ${later === 1 ? 'one trial' : `${formatCount(later)} trials`} after it found nothing better`;
  return `${lead}; ${later === 0 ? 'it is the last of all' : after}.${caution}${end}`;
}

/** Each complete trial that is better than all before it. */
function listBestSoFar(complete: readonly Valued[], objective: Objective): Valued[] {
  const steps: Valued[] = [];
  for (const entry of complete) {
    const last = steps.at(-1);
    if (!last || isBetter(objective, entry.value, last.value)) steps.push(entry);
  }
  return steps;
}
