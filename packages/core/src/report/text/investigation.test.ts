import { describe, expect, test } from 'vitest';
import type { PlanOptions } from '../../compare/comparisonPlan.ts';
import { summariseModels } from '../../compare/summariseModels.ts';
import { type InquiryName, inquiryNames } from '../../evaluate/inquiries.ts';
import type { Investigation } from '../../evaluate/investigate.ts';
import { openParts } from '../../parts.ts';
import { describeInvestigation } from './investigation.ts';

const rows = 300;
const folds = 5;

/** Popularity, and the errors of a model: both go through many values, without bearing on each other; some folds are harder. */
const actual = Float64Array.from({ length: rows }, (_, row) => 60 + 12 * Math.sin(row * 12.9));
const errors = Float64Array.from({ length: rows }, (_, row) => (7 + 0.5 * (row % folds)) * Math.sin(row * 7.3 + 1));

/** What an inquiry finds where a model's errors are so many times those; rows of one number modulo `artists` are alike. */
function makeFinding(
  scales: Readonly<Record<string, number>>,
  { artists = rows, ...plan }: PlanOptions & { readonly artists?: number } = {},
): Investigation['findings'][InquiryName] {
  const models = Object.entries(scales).map(([name, scale]) => ({
    name,
    folds: Array.from({ length: folds }, (_, fold) => {
      const held = Uint32Array.from({ length: rows / folds }, (_, i) => i * folds + fold);
      return {
        repeat: 0,
        fold,
        rows: held,
        trainCount: rows - held.length,
        actual: Float64Array.from(held, (row) => actual[row]),
        predicted: Float64Array.from(held, (row) => actual[row] + scale * errors[row]),
      };
    }),
  }));
  const clusters = Uint32Array.from({ length: rows }, (_, row) => row % artists);
  const standings = summariseModels(models, { clusters, seed: 1, ...plan });
  return { note: 'made folds.', standings, seconds: {}, withHidden: [] };
}

interface Change {
  readonly findings?: Partial<Investigation['findings']>;
  /** Correlation of the strongest feature with popularity once the era is known; 0.3 before. */
  readonly givenEra?: number;
  readonly autocorrelation?: number;
  readonly told?: Investigation['era']['era'];
}

function make({ findings = {}, givenEra = 0.05, autocorrelation = 0.8, told = 'row order' }: Change): Investigation {
  return {
    idle: {
      block: [{ name: 'mamba.A_log', count: 416, idle: 416 }],
      head: [{ name: 'head.weight', count: 26, idle: 0 }],
    },
    rowOrder: { autocorrelation, blocks: [{ count: 10, r2: 0.3 }], neighbours: 0.7 },
    disagreement: { recordings: 0, rows: 0, variance: null, ceiling: null },
    era: {
      era: told,
      eraR2: 0.3,
      features: [{ feature: 'loudness', withPopularity: 0.3, withEra: 0.5, withPopularityGivenEra: givenEra }],
    },
    findings: {
      ...(Object.fromEntries(inquiryNames.map((name) => [name, null])) as Investigation['findings']),
      ...findings,
    },
  };
}

const tell = (change: Change = {}) =>
  describeInvestigation(make(change), openParts())
    .flatMap(({ title, sentences }) => [title, ...sentences])
    .join('\n');

const equal = makeFinding({ linear: 1, 'mamba-tokens': 1 });
const better = makeFinding({ linear: 1, 'mamba-tokens': 0.8 });
const worse = makeFinding({ linear: 1, 'mamba-tokens': 1.2 });

describe('what an investigation says', () => {
  test('of questions that the data do not allow: just that', () => {
    const text = tell();
    expect(text.match(/The data do not allow this question\./g)).toHaveLength(4);
    expect(text).toContain(
      'Of its 442 parameters 416 have a gradient of exactly 0 on every song: 416 of 416 in A_log.',
    );
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  test.each([
    [
      'better',
      better,
      /^Fair: .* predicts better than linear regression, R² 0\.\d{3} against 0\.\d{3}; nothing shows/m,
    ],
    ['no difference', equal, /^Fair: .* is not shown to be better than linear regression\.$/m],
    ['worse', worse, /^Fair: .* is not shown to be better than linear regression; it is worse\.$/m],
  ])('of Mamba against linear regression follows from the intervals: %s', (_, question, claim) => {
    expect(tell({ findings: { question } })).toMatch(claim);
  });

  test.each([
    ['better', 0.8, 'Fair: it also predicts better than a forest of trees.'],
    ['worse', 1.2, 'Not fair: that it is the best model for such tables; against a forest: worse.'],
  ])('of Mamba against trees, too: %s', (_, scale, claim) => {
    expect(tell({ findings: { audio: makeFinding({ forest: 1, 'mamba-tokens': scale }) } })).toContain(claim);
  });

  test('of the block is that it matters only where it is shown to', () => {
    const parts = (both: number) =>
      makeFinding({
        linear: 1.1,
        'tokens, without either': 1,
        'tokens, without the summary': 1,
        'tokens, without blocks': 1,
        'mamba-tokens': both,
      });
    const tellParts = (both: number) => tell({ findings: { tokens: equal, question: better, parts: parts(both) } });
    expect(tellParts(0.8)).toContain('better, so the block finds what the summary does not');
    expect(tellParts(0.8)).not.toContain('nothing shows that');
    expect(tellParts(1)).toContain('nothing shows that the block finds more than the summary does');
    expect(tellParts(1)).toContain('; nothing shows that its Mamba block is what does it');
    expect(tellParts(1.2)).toContain('worse, so the block only fits noise');
  });

  test('of the seed’s two numbers is that a split moves more, where it does', () => {
    // A thousandth of the errors hardly moves from fold to fold.
    const seed = (scale: number) => makeFinding({ linear: scale, 'mamba-seed': 2 * scale });
    const words = 'sets 106.44 against 105.24, from one split: 1.20 apart, which is less than';
    expect(tell({ findings: { seed: seed(1) } })).toContain(words);
    expect(tell({ findings: { seed: seed(0.001) } })).not.toContain('106.44');
    expect(tell({ findings: { seed: seed(1) } })).toContain('It has the lower error on 0 of 5 splits.');
  });

  test('of the era is that features tell it only where little is left once it is known', () => {
    // Errors larger than the spread of popularity, so that the mean would have been nearer.
    const time = makeFinding({ linear: 3, 'mamba-tokens': 3 });
    const told = tell({ findings: { time }, givenEra: 0.05 });
    expect(told).toContain(
      'their own mean would have been nearer. What features tell of the era does not reach beyond it.',
    );
    expect(told).toContain('They tell the era');
    const untold = tell({ findings: { time }, givenEra: 0.28 });
    expect(untold).toContain('their own mean would have been nearer.');
    expect(untold).not.toMatch(/What features tell|They tell the era/);
    expect(untold).toContain('That they go with popularity shows no cause.');
    expect(told).toContain('the place in the file, its first rows taken as the newest');
  });

  test('of the order of the file is that it leaks, where it does', () => {
    expect(tell({ autocorrelation: 0.8 })).toContain('the file’s order leaks the target');
    expect(tell({ autocorrelation: 0.01 })).toContain('the file’s order tells little');
    expect(tell({ autocorrelation: 0.01 })).not.toContain('saw the row number');
  });

  test('of the newest songs, and of what is not audio, is told by what the table has', () => {
    const time = makeFinding({ linear: 1, 'mamba-tokens': 1 });
    const group = (name: string) =>
      makeFinding({ linear: 1, [`linear + ${name}`]: 1, [`mamba-tokens + ${name}`]: 0.9 });
    const undated = tell({ findings: { time, context: group('era') } });
    expect(undated).toContain('On the songs taken as the newest');
    expect(undated).toContain('it says where a song stands in the file.');
    const dated = tell({ findings: { time, context: group('artist + era') }, told: 'release date' });
    expect(dated).toContain('On the newest songs');
    expect(dated).toContain('it says when a song was made and who made it.');
  });

  test('of songs by few artists is that nothing can be told, and no word of what is shown', () => {
    const few = (scales: Readonly<Record<string, number>>) => makeFinding(scales, { artists: 29 });
    const parts = few({
      linear: 1.1,
      'tokens, without either': 1,
      'tokens, without the summary': 1,
      'tokens, without blocks': 1,
      'mamba-tokens': 0.5,
    });
    const tokens = few({ linear: 1, 'mamba-tokens': 0.5, 'tokens, 2 blocks': 1, 'tokens, reversed order': 1 });
    const question = few({ linear: 1, 'mamba-tokens': 0.5 });
    const audio = few({ linear: 1, forest: 1, 'mamba-tokens': 0.5 });
    const text = tell({ findings: { seed: few({ linear: 1, 'mamba-seed': 2 }), tokens, question, parts, audio } });
    expect(text).toContain('from fewer than 30 nothing can be told of which model is better');
    expect(text).toContain('Nothing can be told of mamba-tokens against tokens, without blocks.');
    expect(text).not.toMatch(/no difference|is shown|are shown|nothing shows|predicts better|: (better|worse)|95 %/);
  });
});
