import { expect, test } from 'vitest';
import { expectFigure, hostileName } from '../../../../testing/expectFigure.ts';
import { madeSpace, makeTrials } from '../../../../testing/madeTrials.ts';
import type { Distribution } from '../../../tune/distributions.ts';
import { objectiveAt } from './objective.ts';
import { describeParallelCoordinates, drawParallelCoordinates } from './parallelCoordinates.ts';

const error = objectiveAt(0, 'error', 'minimize');
const names = Object.keys(madeSpace);

test('the sentence names the parameter in which the best trials agree most', () => {
  const trials = makeTrials({ trials: 200, stateOf: () => 'complete' }).map((trial) => {
    const layers = trial.parameters.get('layers')?.internal as number;
    return { ...trial, values: [layers + trial.number / 1000] };
  });
  expect(describeParallelCoordinates(trials, names, error)).toMatch(
    /^Trial \d+ has the smallest error, 1\.\d+; the best 20 are closest together in layers: 1\.$/,
  );
  expect(describeParallelCoordinates(trials.slice(0, 9), names, error)).toContain(
    'with 9 complete trials, more cannot',
  );
  expect(describeParallelCoordinates([], names, error)).toBe('No trial was completed.');
});

test('a line for each complete trial, the best tenth apart', () => {
  const trials = makeTrials({ trials: 40, stateOf: () => 'complete' });
  const svg = expectFigure((document) => drawParallelCoordinates(document, trials, names, error));
  const [others, best] = [...svg.matchAll(/aria-label="line"[^>]*>(.*?)<\/g>/gs)].map(([, lines]) => lines);
  expect(others.match(/<path/g)).toHaveLength(36);
  expect(best.match(/<path/g)).toHaveLength(4);
});

test('parameters that some trials lack, many categories and names to escape are drawn', () => {
  const many: Distribution = { kind: 'categorical', choices: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, true, null] };
  const space = {
    [hostileName]: { kind: 'categorical', choices: [hostileName, 'b'] } as Distribution,
    many,
    ...madeSpace,
  };
  const trials = makeTrials({ parameters: space }).map((trial) => {
    const parameters = new Map([...trial.parameters].filter((_, i) => (i + trial.number) % 3 > 0));
    return { ...trial, parameters };
  });
  const svg = expectFigure((document) => drawParallelCoordinates(document, trials, Object.keys(space), error));
  expect(svg).not.toContain('<b>');
});
