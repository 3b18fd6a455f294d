import { expect, test } from 'vitest';
import { expectFigure, hostileName } from '../../../../testing/expectFigure.ts';
import { madeSpace, makeTrials } from '../../../../testing/madeTrials.ts';
import type { Distribution } from '../../../tune/distributions.ts';
import { objectiveAt } from './objective.ts';
import { describeSlices, drawSlice } from './slice.ts';

const error = objectiveAt(0, 'error', 'minimize');

test.each([
  ...Object.entries(madeSpace),
  ['blocks', { kind: 'int', low: 1, high: 64, log: true, step: 1 }],
  ['constant', { kind: 'float', low: 0, high: 0, log: false, step: null }],
  ['constantLog', { kind: 'float', low: 1e-3, high: 1e-3, log: true, step: null }],
  ['only', { kind: 'categorical', choices: [null] }],
  [hostileName, { kind: 'categorical', choices: [hostileName, 'much too long for its place'] }],
] satisfies [string, Distribution][])('%s is drawn', (name, distribution) => {
  const trials = makeTrials({ parameters: { [name]: distribution } });
  const svg = expectFigure((document) => drawSlice(document, trials, name, error));
  expect(svg).not.toContain('<b>');
});

test('whole numbers have ticks at their values alone', () => {
  const trials = makeTrials({ parameters: { layers: madeSpace.layers } });
  const svg = expectFigure((document) => drawSlice(document, trials, 'layers', error));
  const ticks = svg.match(/aria-label="x-axis tick label"[^>]*>(.*?)<\/g>/s)?.[1] as string;
  expect([...ticks.matchAll(/>([^<]+)<\/text>/g)].map(([, text]) => text)).toEqual(['1', '2', '3', '4']);
});

test('one sentence on all parameters: where the best tenth lie, and where some lack one', () => {
  const trials = makeTrials({ trials: 40, stateOf: () => 'complete' }).map((trial) => {
    const place = (internal: number) => ({ ...trial.parameters.get('layers'), internal });
    const parameters = new Map<string, unknown>([['layers', place(trial.number < 2 ? 1 : 3)]]);
    if (trial.number > 2) parameters.set('pooling', trial.parameters.get('pooling'));
    if (trial.number > 3) parameters.set('loss', { ...trial.parameters.get('loss'), internal: 1 });
    return { ...trial, values: [trial.number], parameters } as typeof trial;
  });
  const sentence = describeSlices(trials, ['layers', 'pooling', 'loss'], error);
  expect(sentence).toMatch(
    /^The best 4 of 40 complete trials have layers 1 to 3, pooling \w+ \(1 of them\), no loss\.$/,
  );
  expect(describeSlices(trials.slice(0, 5), ['layers'], error)).toBe(
    'The best of 5 complete trials, trial 0, has layers 1.',
  );
  expect(describeSlices([], ['layers'], error)).toBe('No trial was completed.');
});

test('many trials are thinned', () => {
  const svg = expectFigure((document) => drawSlice(document, makeTrials({ trials: 3000 }), 'dropout', error));
  expect(svg.length).toBeLessThan(40_000);
});
