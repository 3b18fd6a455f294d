import { expect, test } from 'vitest';
import { expectFigure, hostileName } from '../../../../testing/expectFigure.ts';
import { makeTrials } from '../../../../testing/madeTrials.ts';
import type { Direction, Trial } from '../../../tune/trial.ts';
import { objectiveAt } from './objective.ts';
import { describeParetoFront, drawParetoFront, listCandidates } from './paretoFront.ts';

function makePoints(points: readonly (readonly [number, number])[]): Trial[] {
  const trials = makeTrials({ trials: points.length, stateOf: () => 'complete' });
  return trials.map((trial, i) => ({ ...trial, values: points[i] }));
}

const choose = (across: Direction, up: Direction) =>
  [objectiveAt(1, 'time', across, 's'), objectiveAt(0, 'error', up)] as const;
const both = choose('minimize', 'minimize');
const square = makePoints([
  [1, 4],
  [2, 2],
  [4, 1],
  [3, 3],
  [4, 4],
]);

test('trials that none betters are named and ringed', () => {
  expect(describeParetoFront(square, both)).toBe(
    '3 of 5 complete trials are bettered by none in both, from the smallest time, trial 2 (time 1.000 s, error 4.000), to the smallest error, trial 0 (time 4.000 s, error 1.000).',
  );
  const svg = expectFigure((document) => drawParetoFront(document, square, both));
  const [others, front] = [...svg.matchAll(/aria-label="dot"[^>]*>(.*?)<\/g>/gs)].map(([, marks]) => marks);
  expect(others.match(/<(circle|path)/g)).toHaveLength(2);
  expect(front.match(/<(circle|path)/g)).toHaveLength(3);
  expect(svg).toContain('time (s) →');
});

test.each([
  ['minimize', 'minimize'],
  ['minimize', 'maximize'],
  ['maximize', 'minimize'],
  ['maximize', 'maximize'],
] as const)('%s across, %s up: the edge turns where the two on the front better a trial just so', (across, up) => {
  const directions = choose(across, up);
  const diamond = makePoints([
    [1, 2],
    [2, 1],
    [3, 2],
    [2, 3],
    [2, 2],
  ]);
  expect(describeParetoFront(diamond, directions)).toContain('2 of 5');
  const svg = expectFigure((document) => drawParetoFront(document, diamond, directions));
  const others = svg.match(/aria-label="dot"[^>]*>(.*?)<\/g>/s)?.[1] as string;
  const dots = [...others.matchAll(/cy="([\d.]+)" cx="([\d.]+)"/g)].map(([, y, x]) => `${x},${y}`);
  const edge = svg.match(/aria-label="line"[^>]*><path d="M[\d.,]+L([\d.,]+)L/)?.[1];
  expect(edge).toBe(dots[2]);
});

test('one trial, equal ones, none with both values, names to escape', () => {
  const equal = makePoints([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  for (const trials of [square.slice(0, 1), equal]) {
    expectFigure((document) => drawParetoFront(document, trials, both));
  }
  expect(describeParetoFront(square.slice(0, 1), both)).toContain('better in either than trial 0');
  expect(
    listCandidates(
      makePoints([
        [Number.NaN, 1],
        [1, Infinity],
      ]),
      ...both,
    ),
  ).toEqual([]);
  const hostile = [objectiveAt(1, hostileName, 'minimize'), both[1]] as const;
  expect(expectFigure((document) => drawParetoFront(document, square, hostile))).not.toContain('<b>');
});
