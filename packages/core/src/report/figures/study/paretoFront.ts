import * as Plot from '@observablehq/plot';
import { dominates } from '../../../tune/paretoFront.ts';
import type { Trial } from '../../../tune/trial.ts';
import { formatCount } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth, thin } from '../draw.ts';
import {
  describeBeyond,
  findValueRange,
  formatValue,
  isBetter,
  nameAxis,
  type Objective,
  superlative,
} from './objective.ts';
import { drawComplete, drawName, type Place } from './signs.ts';

const mostDots = 1000;

interface Candidate extends Place {
  readonly trial: Trial;
}

/** Complete trials by two objectives; those on the Pareto front as rings joined by steps. */
export function drawParetoFront(
  document: DrawingDocument,
  trials: readonly Trial[],
  [across, up]: readonly [Objective, Objective],
): string {
  const all = listCandidates(trials, across, up);
  const front = listFront(trials, across, up);
  const [x, y] = [
    findValueRange(
      all.map((candidate) => candidate.x),
      across,
    ),
    findValueRange(
      all.map((candidate) => candidate.y),
      up,
    ),
  ];
  const clamp = (candidate: Candidate) => ({ ...candidate, x: x.clamp(candidate.x), y: y.clamp(candidate.y) });
  const others = all.filter(({ trial }) => !front.some((member) => member.trial === trial));
  return drawPlot(document, describeParetoFront(trials, [across, up]), {
    width: plotWidth,
    height: 300,
    marginLeft: 52,
    marginTop: 28,
    marginBottom: 42,
    x: { label: nameAxis(across), domain: [...x.domain], ticks: 5 },
    y: { label: nameAxis(up), domain: [...y.domain], ticks: 5, grid: true },
    marks: [
      drawComplete(thin(others.length, mostDots).map((i) => clamp(others[i]))),
      Plot.line(front.map(clamp), {
        x: 'x',
        y: 'y',
        // The edge of what these trials better: what lies between two of them is not known.
        curve: 'step-after',
        stroke: palette.second,
        strokeWidth: 1.5,
      }),
      Plot.dot(front.map(clamp), { x: 'x', y: 'y', r: 4.5, stroke: palette.second, strokeWidth: 2 }),
      ...[...new Set([front[0], front[front.length - 1]])].map(clamp).map((end) =>
        drawName(end, `trial ${end.trial.number}`, {
          share: (end.x - x.domain[0]) / (x.domain[1] - x.domain[0]),
          above: up.direction === 'maximize',
        }),
      ),
    ],
  });
}

/** How many trials are on the front, and its ends. */
export function describeParetoFront(trials: readonly Trial[], [across, up]: readonly [Objective, Objective]): string {
  const all = listCandidates(trials, across, up);
  const front = listFront(trials, across, up);
  const beyond = [
    findValueRange(
      all.map(({ x }) => x),
      across,
    ),
    findValueRange(
      all.map(({ y }) => y),
      up,
    ),
  ];
  const end = describeBeyond({ ...beyond[0], beyond: beyond[0].beyond + beyond[1].beyond });
  const name = ({ trial, x, y }: Candidate) =>
    `trial ${trial.number} (${describeValue(across, x)}, ${describeValue(up, y)})`;
  const bestUp = front.reduce((best, candidate) => (isBetter(up, candidate.y, best.y) ? candidate : best));
  const bestAcross = front.reduce((best, candidate) => (isBetter(across, candidate.x, best.x) ? candidate : best));
  if (front.length === 1)
    return `None of ${formatCount(all.length)} complete trials is better in either than ${name(front[0])}.${end}`;
  return `${formatCount(front.length)} of ${formatCount(all.length)} complete trials are bettered by none in both, from the ${superlative(across)} ${across.label}, ${name(bestAcross)}, to the ${superlative(up)} ${up.label}, ${name(bestUp)}.${end}`;
}

function describeValue({ label, unit }: Objective, value: number): string {
  return `${label} ${formatValue(value)}${unit && ` ${unit}`}`;
}

/** Complete trials that no other betters in one objective without being worse in the other; by the first objective. */
function listFront(trials: readonly Trial[], across: Objective, up: Objective): Candidate[] {
  const turn = ({ direction }: Objective) => (direction === 'maximize' ? -1 : 1);
  const lossesOf = ({ x, y }: Candidate) => [turn(across) * x, turn(up) * y];
  const all = listCandidates(trials, across, up);
  return all
    .filter((candidate) => !all.some((other) => dominates(lossesOf(other), lossesOf(candidate))))
    .sort((a, b) => turn(across) * (a.x - b.x));
}

/** Complete trials that have both values. */
export function listCandidates(trials: readonly Trial[], across: Objective, up: Objective): Candidate[] {
  return trials.flatMap((trial) => {
    const [x, y] = [across.valueOf(trial), up.valueOf(trial)];
    return trial.state === 'complete' && x !== null && y !== null ? [{ trial, x, y }] : [];
  });
}
