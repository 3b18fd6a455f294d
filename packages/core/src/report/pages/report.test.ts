import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { makeOutcome } from '../../../testing/madeOutcome.ts';
import { makeRandom } from '../../../testing/madeTracks.ts';
import { inferLinear } from '../../models/inference.ts';
import { leastSquares } from '../../statistics/leastSquares.ts';
import { featureNames } from '../../tracks/schema.ts';
import { renderReport } from './report.ts';

const hostile = `<script>alert(1)</script>"'&`;

function makeInference() {
  const random = makeRandom(2);
  const x = Float64Array.from({ length: 60 * 13 }, (_, i) => (i % 13 === 4 ? 1 : random()));
  const y = Float64Array.from({ length: 60 }, (_, i) => 50 + 20 * x[13 * i] + random());
  return inferLinear(leastSquares(x, 60, 13, y), featureNames);
}

test('no text of the outcome becomes markup', () => {
  const outcome = makeOutcome({ source: hostile, names: ['linear', hostile], synthetic: true });
  const times = { run: hostile, started: new Date(0), seconds: 1, threads: 1, fits: [{ name: hostile, seconds: 1 }] };
  const extra = { linear: makeInference(), times };
  const html = renderReport({ ...outcome, split: { ...outcome.split, note: hostile } }, extra);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  const { document } = parseHTML(html);
  expect(document.querySelectorAll('script, img, iframe, link, object').length).toBe(0);
  expect(document.querySelector('h1')?.textContent).toBe(`hitscan: ${hostile}`);
  for (const element of document.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) expect(name).not.toMatch(/^on|^style$|href$|^src$/);
  }
});

test('the page asks for nothing, and its policy allows its own style sheet and nothing else', () => {
  const html = renderReport(makeOutcome(), { linear: makeInference() });
  const { document } = parseHTML(html);
  const styles = [...document.querySelectorAll('style')];
  expect(styles.length).toBe(1);
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content');
  const hash = createHash('sha256').update(styles[0].textContent).digest('base64');
  expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  expect(html).not.toContain('url(');
  expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:/);
});

test('it can be read without seeing it', () => {
  const { document } = parseHTML(renderReport(makeOutcome(), { linear: makeInference() }));
  expect(document.documentElement.getAttribute('lang')).toBe('en');
  const pictures = [...document.querySelectorAll('svg')];
  // Comparison, predictions, calibration, four views of residuals, curves and calls of hits, loss, popularity, coefficients.
  expect(pictures.length).toBe(2 + 3 + 3 + 4 * 3 + 2 + 1 + 1 + 1 + 2 + 1);
  for (const svg of pictures) {
    expect(svg.getAttribute('role')).toBe('img');
    expect(svg.getAttribute('aria-label')).toMatch(/\.$/);
  }
  for (const figure of document.querySelectorAll('figure')) {
    expect(figure.querySelector('figcaption')?.textContent).toMatch(/\.$/);
  }
  for (const table of document.querySelectorAll('table')) {
    expect(table.querySelector('caption')?.textContent).not.toBe('');
    for (const cell of table.querySelectorAll('th')) expect(cell.getAttribute('scope')).toBeTruthy();
    const widths = [...table.querySelectorAll('tbody tr')].map((row) => row.children.length);
    expect(new Set(widths).size).toBe(1);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('what is not audio is called so', () => {
  expect(renderReport(makeOutcome())).toContain('audio features alone');
  expect(renderReport({ ...makeOutcome(), context: ['artist', 'era'] })).toContain(
    'audio features, plus artist and era (not audio)',
  );
});

test('the losses of an ensemble’s networks are a band', () => {
  const epochs = (member: number) =>
    [0, 1, 2].map((i) => ({ epoch: 3 * member + i, member, trainLoss: 9 - i + member, validationLoss: null }));
  const html = renderReport(makeOutcome({ history: [...epochs(0), ...epochs(1), ...epochs(2)] }));
  expect(html).toMatch(/3 fits/);
  expect(html).not.toContain('NaN');
});

test('times are in the foot, and nowhere else', () => {
  const outcome = makeOutcome();
  const slower = { ...outcome, run: 'other', models: outcome.models.map((model) => ({ ...model, seconds: 77 })) };
  const times = { run: 'songs', started: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)), seconds: 61, threads: 2 };
  const html = renderReport(outcome, { times: { ...times, fits: outcome.models } });
  const foot = parseHTML(html).document.querySelector('footer')?.textContent;
  for (const text of ['songs', '2026-01-02 03:04:05 UTC', '1 min 01 s on 2 threads', 'mamba-tokens2.00 s'])
    expect(foot).toContain(text);
  const other = renderReport(slower, { times: { ...times, run: 'other', fits: slower.models } });
  const withoutFoot = (page: string) => page.replace(/<footer>[\s\S]*<\/footer>/, '');
  expect(other).not.toBe(html);
  expect(withoutFoot(other)).toBe(withoutFoot(html));
});

test('synthetic data are called synthetic, real data are not', () => {
  const twin = renderReport(makeOutcome({ synthetic: true, source: 'synthetic twin' }));
  expect(parseHTML(twin).document.querySelector('.banner')?.textContent).toContain('synthetic');
  expect(parseHTML(twin).document.title).toContain('synthetic');
  expect(renderReport(makeOutcome())).not.toMatch(/synthetic/i);
});

test('an aliased feature is named and left out of the figure', () => {
  const html = renderReport(makeOutcome(), { linear: makeInference() });
  expect(html).toContain('instrumentalness (aliased)');
  expect(html).toContain('Effect of each of 12 features');
});

test.each([
  ['one row', makeOutcome({ rows: 1 })],
  ['one model', makeOutcome({ names: ['mean'] })],
  ['no model', makeOutcome({ names: [] })],
  ['one epoch', makeOutcome({ history: [{ epoch: 1, trainLoss: 2, validationLoss: null }] })],
  ['a diverged fit', makeOutcome({ history: [{ epoch: 1, trainLoss: Number.NaN, validationLoss: Number.NaN }] })],
  ['equal losses', makeOutcome({ history: [1, 2].map((epoch) => ({ epoch, trainLoss: 0, validationLoss: 0 })) })],
  [
    'negative losses',
    makeOutcome({ history: [1, 2].map((epoch) => ({ epoch, trainLoss: -epoch, validationLoss: 9 })) }),
  ],
])('%s: no number is lost in the drawing', (_, outcome) => {
  expect(renderReport(outcome)).not.toMatch(/NaN|Infinity|undefined|\bnull\b/);
});

test('5,000 test rows and six models: under 3 MB, the same bytes twice', () => {
  const names = ['mean', 'median', 'linear', 'forest', 'mamba-seed', 'mamba-tokens'];
  const history = Array.from({ length: 450 }, (_, i) => ({ epoch: i + 1, trainLoss: 1 / (i + 1), validationLoss: 1 }));
  const outcome = makeOutcome({ rows: 5000, names, history });
  const html = renderReport(outcome, { linear: makeInference(), trainActual: outcome.testActual });
  expect(Buffer.byteLength(html)).toBeLessThan(3e6);
  expect(html).toContain('1,500 of 5,000 songs are drawn');
  expect(renderReport(outcome, { linear: makeInference(), trainActual: outcome.testActual })).toBe(html);
});

test('of four songs nothing is claimed, in words or in signs', () => {
  const html = renderReport(makeOutcome({ rows: 4 }));
  expect(html).toContain(
    'Only 4 songs were held out: from fewer than 30 nothing can be told of which model is better.',
  );
  expect(html).not.toMatch(/no difference shown|is no difference|>better<|>worse<|lowest test MSE/);
  expect(html).not.toContain('<p></p>');
});

test('what era and artist know is said where they take part', () => {
  expect(renderReport(makeOutcome())).not.toMatch(/uses no audio/);
  expect(renderReport(makeOutcome({ names: ['linear', 'era'] }))).toContain('The baseline era uses no audio');
});
