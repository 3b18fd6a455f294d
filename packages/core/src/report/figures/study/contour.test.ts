import { expect, test } from 'vitest';
import { expectFigure, hostileName } from '../../../../testing/expectFigure.ts';
import { makeTrials } from '../../../../testing/madeTrials.ts';
import type { Distribution } from '../../../tune/distributions.ts';
import { describeContour, drawContour } from './contour.ts';
import { objectiveAt } from './objective.ts';

const error = objectiveAt(0, 'error', 'minimize');
const decades: Distribution = { kind: 'float', low: 1e-4, high: 1, log: true, step: null };
const share: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };
const parameters = { across: decades, up: decades };

/** Trials whose error is least at these two values. */
function makeBowl(across: number, up: number) {
  return makeTrials({ trials: 300, parameters, stateOf: () => 'complete' }).map((trial) => {
    const away = (name: string, centre: number) =>
      Math.log10((trial.parameters.get(name)?.internal as number) / centre) ** 2;
    return { ...trial, values: [100 + away('across', across) + away('up', up)] };
  });
}

test('on logarithmic axes the strongest area and the sentence lie where the error is least', () => {
  // Half a decade from the left, one decade from the top.
  const trials = makeBowl(10 ** -3.5, 0.1);
  const svg = expectFigure((document) => drawContour(document, trials, ['across', 'up'], error));
  const areas = svg.match(/aria-label="contour"[^>]*>(.*?)<\/g>/s)?.[1] as string;
  const boxes = [...areas.matchAll(/ d="([^"]+)"/g)].map(([, d]) => {
    const points = [...d.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const middle = (axis: 0 | 1) => {
      const along = points.map((point) => point[axis]);
      return { at: (Math.min(...along) + Math.max(...along)) / 2, width: Math.max(...along) - Math.min(...along) };
    };
    return { x: middle(0), y: middle(1) };
  });
  const strongest = boxes.toSorted((a, b) => a.x.width * a.y.width - b.x.width * b.y.width)[0];
  // The frame reaches from 58 to 340 and from 28 to 278; a decade is a quarter of it. Smoothing moves middles by a tenth.
  expect(Math.abs(strongest.x.at - (58 + 282 / 8))).toBeLessThan(30);
  expect(Math.abs(strongest.y.at - (28 + 250 / 4))).toBeLessThan(25);
  const [, x, y] = describeContour(trials, ['across', 'up'], error).match(/across (\S+) and up (\S+) have/) as string[];
  expect(Math.abs(Math.log10(Number(x)) + 3.5)).toBeLessThan(0.4);
  expect(Math.abs(Math.log10(Number(y)) + 1)).toBeLessThan(0.4);
});

test('where large is good, the highest local mean is named', () => {
  const trials = makeBowl(0.01, 0.01).map((trial) => ({ ...trial, values: [-(trial.values as number[])[0]] }));
  const score = objectiveAt(0, 'score', 'maximize');
  expect(describeContour(trials, ['across', 'up'], score)).toMatch(/highest local mean, −100\.\d; lines from −/);
  expectFigure((document) => drawContour(document, trials, ['across', 'up'], score));
});

test('categories, names to escape, trials without one parameter, equal values and far ones are drawn', () => {
  const choices: Distribution = { kind: 'categorical', choices: [hostileName, true, null] };
  const trials = makeTrials({ parameters: { [hostileName]: choices, share } });
  const some = trials.map((trial) => (trial.number % 3 ? trial : { ...trial, parameters: new Map() }));
  const level = trials.map((trial) => ({ ...trial, values: [5] }));
  for (const part of [trials, some, level, trials.slice(0, 1)]) {
    const svg = expectFigure((document) => drawContour(document, part, [hostileName, 'share'], error));
    expect(svg).not.toContain('<b>');
  }
  expect(describeContour(level, ['share', hostileName], error)).toContain('Local means of the error are the same');
});
