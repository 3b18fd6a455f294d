import { expect, test } from 'vitest';
import { makeOutcome } from '../../../testing/madeOutcome.ts';
import { writeModelCard } from './modelCard.ts';

test('names data, results with intervals, use, limits and terms', () => {
  const card = writeModelCard(makeOutcome(), { model: 'mamba-tokens' });
  for (const part of ['# mamba', '## Data', '## Results', '## Intended use', '## Out of scope', '## Limits'])
    expect(card).toContain(part);
  expect(card).toMatch(/\| mamba\\-tokens \| \d+\.\d \[\d+\.\d, \d+\.\d\] \|/);
  expect(card).toContain('forbid training machine-learning models');
  expect(card).not.toContain('synthetic');
  expect(writeModelCard(makeOutcome(), { model: 'mamba-tokens' })).toBe(card);
});

test('synthetic data are called so', () => {
  expect(writeModelCard(makeOutcome({ synthetic: true }), { model: 'mamba-tokens' })).toContain('*synthetic* twin');
});

test('a name cannot write Markdown, nor begin a line', () => {
  const card = writeModelCard(makeOutcome({ source: '<b>[x](http://y)</b>\n# `hit`.csv' }), { model: 'm' });
  expect(card).toContain('\\<b\\>\\[x\\]\\(http://y\\)\\</b\\> \\# \\`hit\\`.csv');
  expect(card).not.toContain('\n# hit');
});

test('speaks of artists only where they are named', () => {
  const outcome = makeOutcome();
  const card = writeModelCard(outcome, { model: 'm' });
  expect(card).toContain('95 % intervals, songs resampled one by one.');
  expect(card).toContain('These songs do not name their artists');
  expect(card).not.toContain('--context artist');
  const standings = { ...outcome.standings, heldOut: { songs: 40, named: 40, clusters: 35 } };
  const named = writeModelCard({ ...outcome, standings }, { model: 'm' });
  expect(named).toContain('95 % intervals, songs of an artist resampled together.');
  expect(named).toContain('--context artist');
});

test('of few songs makes no claim on which model is better', () => {
  const card = writeModelCard(makeOutcome({ rows: 4 }), { model: 'm' });
  expect(card).toContain(
    'Only 4 songs were held out: from fewer than 30 nothing can be told of which model is better.',
  );
  expect(card).not.toMatch(/no difference shown|significant|worse|lowest test MSE/);
  // Headings are one blank line apart.
  expect(card).not.toContain('\n\n\n');
});
