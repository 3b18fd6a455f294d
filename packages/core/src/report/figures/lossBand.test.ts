import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderLossBands } from '../sections/training.ts';
import { bandLosses, describeLossBand, drawLossBand } from './lossCurve.ts';

function makeHistory(losses: readonly number[], validated = true) {
  return losses.map((loss, i) => ({ epoch: i + 1, trainLoss: loss, validationLoss: validated ? loss + 1 : null }));
}

test('a band has the lowest, the median and the highest; fits that stopped keep their last loss', () => {
  const histories = [makeHistory([9, 5]), makeHistory([7, 4, 3]), makeHistory([8, Number.NaN])];
  expect(bandLosses(histories, 'trainLoss')).toEqual([
    { epoch: 1, low: 7, median: 8, high: 9 },
    { epoch: 2, low: 4, median: 4.5, high: 5 },
  ]);
  expect(describeLossBand('m', histories)).toBe(
    'Loss of m over 3 fits; the median validation loss is lowest at epoch 2, 5.50 (from 5.00 to 6.00).',
  );
});

test('one fit that goes on longer does not pull the median down', () => {
  const histories = [...[110, 111, 112].map((loss) => makeHistory([loss, loss])), makeHistory([90, 80, 70])];
  const band = bandLosses([...histories, makeHistory([110, 110, 110])], 'trainLoss');
  expect(band.map(({ median }) => median)).toEqual([110, 110]);
});

test('two bands and two lines; long histories are thinned', () => {
  const long = Array.from({ length: 3 }, (_, k) =>
    makeHistory(Array.from({ length: 2000 }, (_, i) => k + 900 / (i + 1))),
  );
  const svg = expectFigure((document) => drawLossBand(document, 'm', long));
  expect(svg.match(/aria-label="area"/g)).toHaveLength(2);
  expect(svg.length).toBeLessThan(20_000);
});

test('names are escaped; no validation, one epoch and no finite loss are drawn; no history is empty', () => {
  const models = [{ name: hostileName, histories: [makeHistory([3, 2], false), makeHistory([4, 1], false)] }];
  const html = renderLossBands(makeDocument(), models);
  expect(html).not.toMatch(/<b>|NaN/);
  for (const histories of [[makeHistory([5])], [makeHistory([Number.NaN, Infinity])], [[]]]) {
    expectFigure((document) => drawLossBand(document, 'm', histories));
  }
  expect(renderLossBands(makeDocument(), [{ name: 'mean', histories: [[]] }])).toBe('');
});
