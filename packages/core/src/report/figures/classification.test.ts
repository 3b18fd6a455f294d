import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { measureHits, sweepThresholds } from '../../metrics/classification.ts';
import { countByThreshold } from '../../metrics/curves.ts';
import { measureReliability } from '../../metrics/reliability.ts';
import { renderConfusions, renderHitCurves, renderProbabilities, renderThresholds } from '../sections/hits.ts';
import { describeConfusion, drawConfusion } from './confusion.ts';
import { describePrecisionRecall, drawPrecisionRecall } from './precisionRecall.ts';
import { describeProbabilityReliability, drawProbabilityReliability } from './probabilityReliability.ts';
import { describeRoc, drawRoc } from './roc.ts';
import { splitSeries } from './series.ts';
import { describeThresholdSweep, drawThresholdSweep } from './thresholdSweep.ts';

const actual = Float64Array.from({ length: 400 }, (_, i) => (53 * i) % 101);
const scores = actual.map((value, i) => 0.3 * value + ((31 * i) % 47));
const counts = countByThreshold(actual, scores, 70);

test('curves name the largest area; there is a line of chance and a legend', () => {
  const other = countByThreshold(
    actual,
    scores.map((score) => -score),
    70,
  );
  const models = [
    { name: 'worse', counts: other },
    { name: 'm', counts },
  ];
  for (const draw of [drawRoc, drawPrecisionRecall]) {
    const svg = expectFigure((document) => draw(document, models));
    expect(svg).toMatch(/>worse 0\.\d{3}</);
    expect(svg).toMatch(/>m 0\.\d{3}</);
  }
  expect(describeRoc(models)).toMatch(/^m has the largest area/);
  expect(describePrecisionRecall(models)).toContain(`has ${(counts.hits / 400).toFixed(3)}, the share of hits`);
});

test('songs above the first hit leave the precision-recall curve where its first step is', () => {
  // Three misses, then a hit: precision 0 three times at recall 0, 1/4 at recall 1.
  const late = countByThreshold(Float64Array.of(0, 0, 0, 100), Float64Array.of(9, 8, 7, 6), 70);
  const svg = expectFigure((document) => drawPrecisionRecall(document, [{ name: 'm', counts: late }]));
  const [, d] = svg.match(/<path d="(M44,[^"]*)"/) as RegExpMatchArray;
  expect(new Set([...d.matchAll(/,([\d.]+)/g)].map(([, y]) => y)).size).toBe(1);
});

test('more than four models have several panels; names are escaped', () => {
  const models = Array.from({ length: 9 }, (_, i) => ({ name: `${hostileName} ${i}`, counts }));
  expect(splitSeries(models).map(({ length }) => length)).toEqual([3, 3, 3]);
  const html = renderHitCurves(makeDocument(), models);
  expect(html.match(/<svg/g)).toHaveLength(6);
  expect(html).not.toContain('<b>');
});

test('a confusion shows counts and shares of the row', () => {
  const confusion = { truePositives: 3, falseNegatives: 1, falsePositives: 10, trueNegatives: 1990 };
  const svg = expectFigure((document) => drawConfusion(document, 'm', confusion));
  for (const text of ['75.0 %', '25.0 %', '1,990', '99.5 %']) expect(svg).toContain(`>${text}<`);
  expect(describeConfusion('m', confusion)).toBe('m classifies 3 of 4 hits and 10 of 2,000 other songs as hits.');
  const metrics = measureHits(actual, scores, { cutoff: 70, scale: 'popularity' });
  expect(renderConfusions(makeDocument(), [{ name: 'm', metrics }])).toContain('a popularity of at least 70');
});

test('a sweep has four lines and names the best F1', () => {
  const sweep = sweepThresholds(actual, scores, { cutoff: 70 });
  const svg = expectFigure((document) => drawThresholdSweep(document, 'm', sweep, 70));
  for (const label of ['precision', 'recall', 'F1', 'accuracy']) expect(svg).toContain(`>${label}<`);
  const best = Math.max(...sweep.map(({ f1 }) => f1 ?? 0));
  expect(describeThresholdSweep('m', sweep, 70)).toContain(`${best.toFixed(3)}, but optimistic`);
  expect(renderThresholds(makeDocument(), [{ name: 'm', sweep, threshold: 70 }])).toContain('threshold in use');
});

test('no hit, only hits, one song and constant scores are drawn; no model is empty', () => {
  const one = Float64Array.of(50);
  for (const cutoff of [0, 60]) {
    const single = [{ name: 'm', counts: countByThreshold(one, one, cutoff) }];
    expectFigure((document) => drawRoc(document, single));
    expectFigure((document) => drawPrecisionRecall(document, single));
    const sweep = sweepThresholds(one, one, { cutoff });
    expectFigure((document) => drawThresholdSweep(document, 'm', sweep, 50));
    const { confusion } = measureHits(one, one, { cutoff, scale: 'popularity' });
    expectFigure((document) => drawConfusion(document, 'm', confusion));
  }
  const constant = [{ name: 'm', counts: countByThreshold(actual, new Float64Array(400), 70) }];
  expect(describeRoc(constant)).toContain('50.0 % of pairs');
  expectFigure((document) => drawRoc(document, constant));
  expect(renderHitCurves(makeDocument(), []) + renderConfusions(makeDocument(), [])).toBe('');
  expect(renderThresholds(makeDocument(), [])).toBe('');
});

test('probabilities stand against the share of hits, with intervals and the bin that is furthest off', () => {
  const probabilities = actual.map((value) => 0.002 * value + 0.3);
  const bins = measureReliability(actual, probabilities, { cutoff: 70 });
  const svg = expectFigure((document) => drawProbabilityReliability(document, 'm', bins));
  expect(svg.match(/<circle/g)).toHaveLength(bins.length);
  // From a popularity of 70 on every song is a hit, and the first tenth of those was given least.
  expect(describeProbabilityReliability('m', bins)).toMatch(
    /^m: 10 of 10 intervals miss the line; of 40 songs with a probability of 45 % on average, 100 % are hits/,
  );
  const html = renderProbabilities(makeDocument(), [{ name: hostileName, bins }]);
  expect(html).not.toContain('<b>');
  expect(describeProbabilityReliability('m', [])).toBe('m gave no song a probability.');
});
