import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { madeSpace, makeTrials, type StudyChange } from '../../../testing/madeTrials.ts';
import { openParts } from '../../parts.ts';
import type { Distribution } from '../../tune/distributions.ts';
import type { Trial, TrialState } from '../../tune/trial.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { renderStudy, renderTimeline } from './study.ts';

const { document }: { document: DrawingDocument } = parseHTML('<!doctype html><html><body></body></html>');
const render = (change: StudyChange = {}, objectives = ['error']) =>
  renderStudy(document, { trials: makeTrials(change), objectives, baseTrial: 0 }, openParts());

/** Numbers that a browser would not take, in attributes of SVG. */
function expectFinite(html: string): void {
  expect(html).not.toMatch(/="[^"]*(NaN|Infinity|undefined)[^"]*"/);
  expect(html).not.toMatch(/>(NaN|undefined|Infinity)</);
}

describe('the section on a search', () => {
  test('has every figure, each with its sentence, and the best trial’s settings', () => {
    const html = render();
    const titles = ['History', 'Importance', 'Parallel coordinates', 'Intermediate values'];
    for (const title of titles) expect(html).toContain(`<h3>${title}</h3>`);
    // Six slices and a contour.
    expect(html.match(/<svg/g)).toHaveLength(11);
    const captions = [...html.matchAll(/<figcaption>([^<]+)<\/figcaption>/g)].map(([, text]) => text);
    expect(captions).toHaveLength(html.match(/<figure>/g)?.length ?? 0);
    for (const caption of captions) expect(caption).toMatch(/\d/);
    for (const name of Object.keys(madeSpace)) expect(html).toContain(`>${name}</th>`);
    expect(html).not.toContain('Pareto');
    expectFinite(html);
    expect(render()).toBe(html);
  });

  test('200 trials take less than 400 kB', () => {
    expect(Buffer.byteLength(render({ trials: 200 }))).toBeLessThan(400_000);
  });

  test('several objectives have a Pareto front', () => {
    const html = render({ objectives: 3 }, ['error', 'time', 'size']);
    expect(html).toContain('<h3>error and time</h3>');
    expect(html).toContain('<h3>error and size</h3>');
    expect(html).toContain('bettered by none in both');
    expectFinite(html);
  });

  const one: Readonly<Record<string, Distribution>> = { depth: { kind: 'int', low: 1, high: 1, log: false, step: 1 } };
  test.each<[string, StudyChange]>([
    ['one trial', { trials: 1 }],
    ['two trials', { trials: 2 }],
    ['only pruned ones', { stateOf: () => 'pruned' }],
    ['one complete', { stateOf: (i) => (i === 4 ? 'complete' : 'pruned') }],
    ['some running and waiting', { stateOf: (i) => (['complete', 'running', 'waiting'] as const)[i % 3] }],
    ['one parameter', { parameters: { dropout: madeSpace.dropout } }],
    ['a parameter with one value', { parameters: one }],
    ['no parameter', { parameters: {} }],
    ['categories alone', { parameters: { pooling: madeSpace.pooling, loss: madeSpace.loss } }],
  ])('%s', (_, change) => {
    const html = render(change);
    expect(html).toContain('<h3>History</h3>');
    expectFinite(html);
  });

  test('nothing to show is said', () => {
    expect(render({ trials: 0 })).toContain('No trial ended with a value');
    expect(render({ stateOf: () => 'fail' })).toContain('No trial ended with a value');
  });

  test('values and reports that are no numbers, and trials without times, leave the rest as it is', () => {
    const trials = makeTrials({ trials: 60, objectives: 2 }).map((trial): Trial => {
      const [error, time] = trial.values ?? [];
      const values = [trial.number % 5 ? error : Number.NaN, trial.number % 3 ? time : Infinity];
      const intermediate = new Map(
        [...trial.intermediate].map(([step, value]) => [step, step % 4 ? value : -Infinity]),
      );
      return { ...trial, values: trial.values && values, intermediate, started: null, ended: null };
    });
    const html = renderStudy(document, { trials, objectives: ['error', 'time'], baseTrial: 0 }, openParts());
    expect(html).toContain('<h3>error and time</h3>');
    expect(renderTimeline(document, trials)).toBe('');
    expectFinite(html);
  });

  test('what a pruned first trial reported is not shown as its error', () => {
    const lastRow = (html: string) => html.match(/error over the folds<\/th>(.*?)<\/tr>/)?.[1];
    const started = (state: TrialState) => render({ stateOf: (i) => (i === 0 ? state : 'complete') });
    expect(lastRow(started('complete'))).toMatch(/^<td>2\d\d\.\d\d<\/td><td>2\d\d\.\d\d<\/td>$/);
    expect(lastRow(started('pruned'))).toMatch(/<td>–<\/td>$/);
    const best = makeTrials().map((trial) => (trial.number === 0 ? { ...trial, values: [1] } : trial));
    expect(lastRow(renderStudy(document, { trials: best, objectives: ['error'], baseTrial: 0 }, openParts()))).toBe(
      '<td>1.0000</td>',
    );
  });

  test('the best stands beside the initial settings, wherever they were tried', () => {
    const titles = (baseTrial: number | null) =>
      [
        ...renderStudy(document, { trials: makeTrials(), objectives: ['error'], baseTrial }, openParts()).matchAll(
          />(trial \d+, [^<]+)</g,
        ),
      ]
        .map(([, text]) => text)
        .slice(1);
    expect(titles(3)).toEqual(['trial 3, the initial settings']);
    expect(titles(null)).toEqual([]);
  });

  test('where large is good, the largest is the best', () => {
    const trials = makeTrials();
    const html = renderStudy(
      document,
      { trials, objectives: ['score'], direction: 'maximize', baseTrial: 0 },
      openParts(),
    );
    expect(html).toContain('Trial 9 has the largest score');
    expectFinite(html);
  });

  test('all trials are counted; keys name only what is drawn', () => {
    const html = render({ trials: 12, stateOf: (i) => (['complete', 'running', 'waiting'] as const)[i % 3] });
    expect(html).toContain('12 trials: 4 complete, 0 pruned, 8 not finished.');
    expect(html).not.toMatch(/<li class="[^"]*">(pruned|failed)/);
    // Means of four trials would say nothing.
    expect(html).not.toContain('local mean');
  });

  test('when its trials ran is a figure of its own, for the foot of the page', () => {
    const trials = makeTrials({ trials: 12, stateOf: (i) => (['complete', 'running', 'waiting'] as const)[i % 3] });
    const html = renderTimeline(document, trials);
    expect(html).toContain('<h3>Timeline</h3>');
    expect(html).toContain('>running</li>');
    expect(html).not.toMatch(/<li class="[^"]*">(pruned|failed)/);
    expectFinite(html);
    const hour = (at: Date | null) => at && new Date(at.getTime() + 3600_000);
    const later = trials.map((trial) => ({ ...trial, started: hour(trial.started), ended: hour(trial.ended) }));
    const slower = later.map((trial, i) => (i > 0 ? trial : { ...trial, ended: hour(trial.ended) }));
    const others = { objectives: ['error'], baseTrial: 0 };
    expect(renderTimeline(document, slower)).not.toBe(html);
    expect(renderStudy(document, { trials: slower, ...others }, openParts())).toBe(
      renderStudy(document, { trials, ...others }, openParts()),
    );
  });

  test('a conditional parameter is drawn for the trials that have it', () => {
    const trials = makeTrials({ trials: 60 }).map((trial) => {
      const parameters = new Map(trial.parameters);
      if (trial.number % 2 === 0) parameters.delete('dropout');
      return { ...trial, parameters };
    });
    const html = renderStudy(document, { trials, objectives: ['error'], baseTrial: 0 }, openParts());
    expect(html).toContain('dropout');
    expectFinite(html);
  });

  test('names of parameters and choices are text', () => {
    const hostile: Distribution = { kind: 'categorical', choices: ['<b>1</b>', '"&'] };
    const html = render({ parameters: { '<script>': hostile, 'a"b': madeSpace.dropout, x: madeSpace.layers } });
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<b>1');
    expect(html).toContain('&lt;script&gt;');
  });
});
