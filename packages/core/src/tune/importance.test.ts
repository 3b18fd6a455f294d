import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Distribution } from './distributions.ts';
import { measureImportances } from './importance.ts';
import type { Direction, Trial, TrialState } from './trial.ts';

interface Golden {
  readonly distributions: readonly Distribution[];
  readonly cases: readonly {
    readonly direction: Direction;
    readonly importances: Readonly<Record<string, number>>;
    readonly trials: readonly {
      readonly state: TrialState;
      readonly value: string;
      readonly parameters: Readonly<Record<string, readonly [internal: number, distribution: number]>>;
    }[];
  }[];
}

/** What the real Optuna makes of studies with every kind of parameter: scripts/golden/optunaImportance.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('golden/optunaImportance.json', import.meta.url), 'utf8'));

const readValue = (text: string) =>
  text === 'None' ? null : [text === 'inf' ? Number.POSITIVE_INFINITY : Number(text)];

test.each(golden.cases)('importances of $trials.length trials, to $direction, are Optuna’s', (expected) => {
  const trials = expected.trials.map(({ state, value, parameters }, number): Trial => {
    const entries = Object.entries(parameters).map(
      ([name, [internal, d]]) => [name, { internal, distribution: golden.distributions[d] }] as const,
    );
    const none = { intermediate: new Map(), userAttributes: {}, systemAttributes: {}, started: null, ended: null };
    return { ...none, id: number, number, state, values: readValue(value), parameters: new Map(entries) };
  });
  const found = measureImportances(trials, expected.direction);
  expect([...found.keys()].sort()).toEqual(Object.keys(expected.importances).sort());
  for (const [name, share] of Object.entries(expected.importances)) {
    expect(Math.abs((found.get(name) ?? Number.NaN) - share), name).toBeLessThan(1e-12);
  }
});
