import { describe, expect, test } from 'vitest';
import { presetSettings } from '../models/mambaSettings.ts';
import { cutFolds } from '../tracks/folds.ts';
import { generateTwin } from '../tracks/twin.ts';
import type { Choice } from './distributions.ts';
import type { SpaceDeclaration } from './searchSpace.ts';
import type { StudyRecord } from './storage.ts';
import { hasSettings, identifyMeasurement, identifyStudy, requireSame, type StudyPlan } from './studyIdentity.ts';
import type { Attributes, Trial } from './trial.ts';

const space: SpaceDeclaration = {
  layers: { kind: 'categorical', choices: [1, 2] },
  dropout: { kind: 'float', low: 0, high: 0.4, log: false, step: 0.05 },
  bidirectional: { kind: 'categorical', choices: [false, true], when: { layers: [1] } },
};

function planOn(rows: number, change: Partial<StudyPlan> = {}): StudyPlan {
  const tracks = generateTwin({ rows, seed: 1 });
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const folds = cutFolds(tracks, all, { kind: 'random', folds: 2, seed: 1 });
  const data = { tracks, folds, model: 'mamba-tokens', context: [], steps: 'epochs' } as const;
  return { data, space, base: presetSettings('tokens', true), objectives: ['error'], ...change };
}

const plan = planOn(60);
const { base, data } = plan;

function makeTrial(number: number, chosen: Record<string, Choice>, from: SpaceDeclaration = space): Trial {
  const parameters = Object.keys(chosen).map((name) => [name, { distribution: from[name], internal: 0 }] as const);
  return {
    id: number,
    number,
    state: 'complete',
    values: [1],
    // As it comes from a storage: a distribution without a condition.
    parameters: new Map(
      parameters.map(
        ([
          name,
          {
            distribution: { when: _, ...distribution },
            internal,
          },
        ]) => [name, { distribution, internal }],
      ),
    ),
    intermediate: new Map(),
    userAttributes: { ...identifyMeasurement(plan), settings: { ...base, ...chosen } },
    systemAttributes: {},
    started: null,
    ended: null,
  };
}

const trials = [
  makeTrial(0, { layers: 1, dropout: 0.1, bidirectional: false }),
  makeTrial(1, { layers: 2, dropout: 0.2 }),
];

function makeRecord(userAttributes: Attributes, change: Partial<StudyRecord> = {}): StudyRecord {
  const read = JSON.parse(JSON.stringify(userAttributes));
  return { id: 0, name: 'mine', directions: ['minimize'], userAttributes: read, systemAttributes: {}, ...change };
}

/** What is said where a study is refused; null where it is not. */
function refuse(record: StudyRecord, known: readonly Trial[], now: StudyPlan = plan): string | null {
  try {
    requireSame(record, known, { plan: now, taken: ['mine', 'mine-2'] });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What a study of today says, and what earlier ones said, which left settings and space to their trials. */
const ages = [
  ['of today', makeRecord(identifyStudy(plan))],
  ['of before', makeRecord(identifyMeasurement(plan))],
] as const;

describe.each(ages)('a study %s', (_, record) => {
  test('is gone on with under the same plan, on any kernels and by any version', () => {
    expect(refuse(record, trials)).toBeNull();
    expect(refuse(record, trials, { ...plan, base: { ...base, backend: 'reference' } })).toBeNull();
    const older = makeRecord({ ...record.userAttributes, hitscan: '0.0.1' });
    expect(refuse(older, trials)).toBeNull();
    const running: Trial = { ...makeTrial(2, { layers: 1 }), state: 'running', userAttributes: {} };
    expect(refuse(record, [...trials, running])).toBeNull();
  });

  const narrower: SpaceDeclaration = {
    ...space,
    dropout: { kind: 'float', low: 0, high: 0.2, log: false, step: 0.05 },
  };
  const wider: SpaceDeclaration = { ...space, epochs: { kind: 'int', low: 4, high: 16, log: false, step: 4 } };
  const { dropout: __, ...less } = space;
  test.each<[string, StudyPlan, string]>([
    ['another setting', { ...plan, base: { ...base, epochs: 20 } }, 'another epochs (8, now 20);'],
    [
      'other ranges',
      { ...plan, space: narrower },
      'another space of dropout (float 0 to 0.4 by 0.05, now float 0 to 0.2 by 0.05);',
    ],
    ['a range more', { ...plan, space: wider }, 'another space of epochs (not searched, now int 4 to 16 by 4);'],
    [
      'a range less',
      { ...plan, space: less, base: { ...base, dropout: 0.3 } },
      'another space of dropout (float 0 to 0.4 by 0.05, now not searched);',
    ],
    ['other folds', { ...plan, data: { ...data, folds: data.folds.slice(1) } }, 'folds (2, now 1);'],
    ['another model', { ...plan, data: { ...data, model: 'forest' } }, 'model ("mamba-tokens", now "forest");'],
    ['more context', { ...plan, data: { ...data, context: ['era'] } }, 'context ([], now ["era"]);'],
  ])('is refused with %s', (__, now, words) => {
    const message = refuse(record, trials, now);
    expect(message).toMatch(/^--study: the study "mine" was begun with another /);
    expect(message).toContain(words);
    expect(message).toMatch(/; name another, such as "mine-3"$/);
  });

  test('is refused with all differences at once', () => {
    const now = planOn(80, { base: { ...base, epochs: 20, learningRate: 1e-3 }, objectives: ['error', 'size'] });
    const message = refuse(makeRecord(record.userAttributes, { directions: ['maximize'] }), trials, now);
    const named = ['direction ("maximize", now ["minimize","minimize"])', 'data ("', 'split ("', 'epochs (8, now 20)'];
    for (const words of [...named, 'learningRate (0.006, now 0.001)']) expect(message).toContain(words);
    expect(message).not.toMatch(/\n/);
  });
});

test('a setting counts where the space chooses it on a condition only', () => {
  const now = { ...plan, base: { ...base, bidirectional: true } };
  expect(refuse(ages[0][1], trials, now)).toContain('another bidirectional (false, now true);');
  expect(refuse(ages[0][1], trials, { ...plan, base: { ...base, dropout: 0.3 } })).toBeNull();
});

test('reports of another kind are refused', () => {
  const now: StudyPlan = { ...plan, data: { ...data, steps: 'folds' } };
  expect(refuse(ages[0][1], trials, now)).toContain('another reports ("epochs", now "folds");');
});

describe('a study made elsewhere', () => {
  const foreign: Trial = { ...trials[0], userAttributes: {} };

  test('is joined before its first trial has begun', () => {
    expect(refuse(makeRecord({}), [])).toBeNull();
    expect(refuse(makeRecord({}), [{ ...foreign, state: 'waiting', parameters: new Map() }])).toBeNull();
  });

  test.each(['running', 'complete', 'pruned', 'fail'] as const)('is refused with a trial that is %s', (state) => {
    expect(refuse(makeRecord({ note: 'mine' }), [{ ...foreign, state }])).toBe(
      '--study: the study "mine" was made elsewhere and does not say on which songs its trials were measured; name another, such as "mine-3"',
    );
  });

  test('is refused with what else there is against it', () => {
    const other: SpaceDeclaration = { rate: { kind: 'float', low: 1e-4, high: 0.1, log: true, step: null } };
    const trial = { ...makeTrial(0, { rate: 0.01 }, other), userAttributes: {} };
    const message = refuse(makeRecord({}, { directions: ['maximize'] }), [trial]);
    expect(message).toContain('measured; it was begun with another direction ("maximize", now "minimize"), space of ');
    expect(message).toContain('space of rate (float 0.0001 to 0.1, log, now not searched)');
    expect(message).toContain('space of layers (not searched, now [1,2])');
    // It is not even begun.
    expect(refuse(makeRecord({}, { directions: ['maximize'] }), [])).toContain('begun with another direction');
  });

  test('is refused in one line, whatever stands in it', () => {
    const text = `\u202e\n${'x'.repeat(1000)}`;
    const record = makeRecord({ ...identifyStudy(plan), data: text, folds: [text], space: text, fixed: null });
    const message = refuse({ ...record, name: text }, trials) as string;
    expect(message).not.toMatch(/[\n\u202e]/u);
    expect(message.length).toBeLessThan(2500);
  });
});

test('a trial has the base’s settings on any kernels, and with all of them alone', () => {
  const [first] = [makeTrial(0, {})];
  expect(hasSettings(first, { ...base, backend: 'reference' })).toBe(true);
  expect(hasSettings(first, { ...base, epochs: 20 })).toBe(false);
  expect(hasSettings({ ...first, userAttributes: {} }, base)).toBe(false);
});
