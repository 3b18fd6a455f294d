import { expect, test } from 'vitest';
import { madeSpace, makeTrials } from '../../../../testing/madeTrials.ts';
import type { Distribution } from '../../../tune/distributions.ts';
import { formatSetting, listDecadeTicks, listWholeTicks, makeAxis, toScale } from './parameterAxis.ts';

const axisOf = (distribution: Distribution) => makeAxis(makeTrials({ parameters: { p: distribution } }), 'p');

test.each(Object.entries(madeSpace))(
  'all places of %s lie on the axis, spread ones nearest their own value',
  (name) => {
    const trials = makeTrials({ trials: 200 });
    const axis = makeAxis(trials, name);
    for (const trial of trials) {
      const [place, spread] = [axis.placeOf(trial) as number, axis.spreadOf(trial) as number];
      for (const share of [axis.shareOf(place), axis.shareOf(spread)]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      // A quarter of the way to the next value is still told apart from it.
      if (axis.places > 0) expect(Math.abs(spread - place)).toBeLessThanOrEqual(0.25 * axis.step);
      else expect(spread).toBe(place);
    }
  },
);

test('ranges that grew in the course of a study are joined', () => {
  const [narrow, wide] = [0.1, 0.9].map(
    (high): Distribution => ({ kind: 'float', low: 0, high, log: false, step: null }),
  );
  const trials = [narrow, wide].flatMap((p) => makeTrials({ trials: 2, parameters: { p } }));
  expect(makeAxis(trials, 'p').limits).toEqual([0, 0.9]);
});

test('ticks stand at values that there are, and not too many of them', () => {
  const steps = axisOf({ kind: 'float', low: 0, high: 0.5, log: false, step: 0.05 });
  expect((toScale(steps).ticks as number[]).map(formatSetting)).toEqual(['0', '0.1', '0.2', '0.3', '0.4', '0.5']);
  expect(toScale(axisOf({ kind: 'int', low: 1, high: 3, log: false, step: 1 })).ticks).toEqual([1, 2, 3]);
  expect(toScale(axisOf({ kind: 'categorical', choices: ['a', 'b'] })).ticks).toEqual([0, 1]);
  expect(listDecadeTicks(5e-4, 1e-2, 5)).toEqual([5e-4, 1e-3, 2e-3, 5e-3, 1e-2]);
  expect(listDecadeTicks(3, 4, 5)).toEqual([3, 4]);
  expect(listDecadeTicks(1e-9, 1e9, 5)).toEqual([1e-9, 1e9]);
  expect(listWholeTicks(0, 19, 6)).toEqual([0, 5, 10, 15]);
  expect(listWholeTicks(7, 7, 2)).toEqual([7]);
  expect(listWholeTicks(980, 1999, 4)).toEqual([1000, 1500]);
});

test('values as text', () => {
  const texts = [0.05, 0.4, 64, 5e-4, 0.0023456, 123456, -0.25, true, null, 'mean'].map(formatSetting);
  expect(texts).toEqual(['0.05', '0.4', '64', '5e-4', '0.00235', '1.23e5', '−0.25', 'true', 'null', 'mean']);
});
