import { expect, test } from 'vitest';
import { makeOutcome } from './madeOutcome.ts';
import { writeModelCard } from './modelCard.ts';

test('tells data, results with intervals, use, limits and terms', () => {
  const card = writeModelCard(makeOutcome(), { model: 'mamba-tokens' });
  for (const part of ['# mamba', '## Data', '## Results', '## What it is for', '## What it is not for', '## Limits'])
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
