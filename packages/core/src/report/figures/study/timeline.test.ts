import { expect, test } from 'vitest';
import { expectFigure } from '../../../../testing/expectFigure.ts';
import { makeTrials } from '../../../../testing/madeTrials.ts';
import type { Trial, TrialState } from '../../../tune/trial.ts';
import { describeTimeline, drawTimeline, hasTimes } from './timeline.ts';

/** Trials that ran from one second to another. */
function makeTimes(times: readonly (readonly [number, number | null, TrialState?])[]): Trial[] {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + 1000 * second);
  return makeTrials({ trials: times.length }).map((trial, i) => {
    const [start, end, state = 'complete'] = times[i];
    return { ...trial, state, started: at(start), ended: end === null ? null : at(end) };
  });
}

/** The bars that have an attribute, as numbers. */
function listBars(svg: string, attribute: string) {
  const groups = [...svg.matchAll(/<g ([^>]*)aria-label="rect">(.*?)<\/g>/gs)];
  const bars = groups.find(([, attributes]) => attributes.includes(attribute))?.[2] ?? '';
  return [...bars.matchAll(/ width="([\d.]+)" y="[\d.]+" x="([\d.]+)"/g)].map(([, width, x]) => ({
    x: Number(x),
    width: Number(width),
  }));
}

test('bars are as long as trials took, and begin when they did', () => {
  const svg = expectFigure((document) =>
    drawTimeline(
      document,
      makeTimes([
        [0, 10],
        [10, 40],
        [20, 25, 'pruned'],
      ]),
    ),
  );
  const [first, second] = listBars(svg, 'fill="#2b7bba"');
  // Rounding to a hundredth of a pixel at both ends.
  expect(second.width / first.width).toBeCloseTo(3, 2);
  expect(second.x).toBeCloseTo(first.x + first.width, 1);
  expect(listBars(svg, 'fill-opacity="0.55"')).toHaveLength(1);
});

test('the sentence has the time, how many ran at once, and what pruning saved', () => {
  const two = makeTimes([
    [0, 10],
    [5, 25],
    [25, 27, 'pruned'],
  ]);
  expect(describeTimeline(two)).toBe(
    '3 trials ran for 27.0 s in all, up to 2 at a time. Half of the complete ones took at most 15.0 s, half of the pruned ones 2.00 s.',
  );
  const one = makeTimes([
    [0, 10],
    [10, 20],
  ]);
  expect(describeTimeline(one)).toContain('one at a time');
});

test('a pause is left out, not one shorter than the longest trial', () => {
  expect(
    describeTimeline(
      makeTimes([
        [0, 10],
        [5000, 5010],
      ]),
    ),
  ).toMatch(/ran for 20.0 s .*; a pause is left out/);
  expect(
    describeTimeline(
      makeTimes([
        [0, 10],
        [19, 29],
      ]),
    ),
  ).not.toContain('pause');
});

test('failed, running and instantaneous trials are drawn; one that waits is not', () => {
  const trials = makeTimes([
    [0, 3, 'fail'],
    [3, null, 'running'],
    [3, 3],
    [4, 9, 'pruned'],
  ]);
  expectFigure((document) => drawTimeline(document, trials));
  for (const [trial] of trials.map((trial) => [trial])) expectFigure((document) => drawTimeline(document, [trial]));
  const waiting = makeTrials({ stateOf: () => 'waiting' });
  expect(hasTimes(waiting)).toBe(false);
  expectFigure((document) => drawTimeline(document, [...trials, ...waiting]));
});

test('2000 trials take little, and stay within the frame', () => {
  const svg = expectFigure((document) => drawTimeline(document, makeTrials({ trials: 2000 })));
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).toContain('height="475"');
});
