import { toValue } from '../tune/distributions.ts';
import { measureImportances } from '../tune/importance.ts';
import type { Direction, Trial } from '../tune/trial.ts';
import type { DrawingDocument } from './figures/draw.ts';
import { escapeHtml, renderTable } from './html.ts';
import { formatCount, formatSignificant, typeset } from './numbers.ts';
import { renderFigure } from './renderFigure.ts';
import { describeContour, drawContour } from './studyFigures/contour.ts';
import { describeHistory, drawHistory } from './studyFigures/history.ts';
import { describeImportance, drawImportance } from './studyFigures/importance.ts';
import {
  describeIntermediateValues,
  drawIntermediateValues,
  selectReporting,
} from './studyFigures/intermediateValues.ts';
import { type Objective, objectiveAt, rankTrials, selectValued } from './studyFigures/objective.ts';
import { describeParallelCoordinates, drawParallelCoordinates } from './studyFigures/parallelCoordinates.ts';
import { makeAxis } from './studyFigures/parameterAxis.ts';
import { describeParetoFront, drawParetoFront } from './studyFigures/paretoFront.ts';
import { signKeys } from './studyFigures/signs.ts';
import { describeSlice, drawSlice } from './studyFigures/slice.ts';
import { describeTimeline, drawTimeline } from './studyFigures/timeline.ts';

/** A finished search, for the report. */
export interface StudyView {
  readonly trials: readonly Trial[];
  /** Names of a trial's values, all but the first optional: `error`, `time`, `size`. */
  readonly objectives: readonly string[];
  readonly direction?: Direction;
}

/** Parameters that get a panel of their own, the most important first. */
const mostSlices = 6;

/** The section on a search for settings: what was found, which settings mattered, and how the search went. */
export function renderStudy(document: DrawingDocument, study: StudyView): string {
  const { trials, objectives, direction = 'minimize' } = study;
  const [objective, ...others] = objectives.map((name, i) => objectiveAt(i, name, direction));
  const valued = ['complete', 'pruned'].flatMap((state) => selectValued(trials, objective, state as Trial['state']));
  if (valued.length === 0) return '<p>No trial came to an end that says something.</p>';
  const complete = trials.filter(({ state }) => state === 'complete');
  const importances = measureImportances(trials, direction);
  const names = [...importances.keys()];
  const figures = [
    renderOverview(document, trials, objective, importances),
    complete.length > 0 && names.length > 1 ? renderParameters(document, trials, objective, names) : '',
    ...others.map((other) => renderFront(document, trials, [other, objective])),
    renderCourse(document, trials, objective),
  ];
  return `<p>${escapeHtml(describeStudy(trials))}</p>\n${renderBest(trials, objective)}\n${figures.filter(Boolean).join('\n')}`;
}

function describeStudy(trials: readonly Trial[]): string {
  const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
  const [complete, pruned, failed] = [count('complete'), count('pruned'), count('fail')];
  const others = failed === 0 ? '' : `, ${formatCount(failed)} failed`;
  return `${formatCount(trials.length)} trials: ${formatCount(complete)} complete, ${formatCount(pruned)} pruned${others}. Each is measured on folds of the training songs; the test songs had no part in it.`;
}

/** The best trial's parameters beside those of the first, which has the settings from which the search began. */
function renderBest(trials: readonly Trial[], objective: Objective): string {
  const [best] = rankTrials(trials, objective);
  if (!best) return '';
  const first = trials.find(({ number }) => number === 0);
  const rows = [...best.trial.parameters].map(([name, { distribution, internal }]) => {
    const before = first?.parameters.get(name);
    const format = (parameter: typeof before) =>
      parameter ? formatChoice(toValue(parameter.distribution, parameter.internal)) : '–';
    return [name, format({ distribution, internal }), format(before)];
  });
  const head = [
    { label: 'setting' },
    { label: `trial ${best.trial.number}, the best` },
    { label: 'trial 0, the settings at the start' },
  ];
  const value = (trial: Trial | undefined) =>
    typeset(formatSignificant((trial && objective.valueOf(trial)) ?? null, 5));
  rows.push([`${objective.label} over the folds`, value(best.trial), value(first)]);
  return renderTable('study-caption', 'What was found, beside what it began from', head, rows);
}

function formatChoice(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? typeset(formatSignificant(value)) : String(value);
}

function renderOverview(
  document: DrawingDocument,
  trials: readonly Trial[],
  objective: Objective,
  importances: ReadonlyMap<string, number>,
): string {
  const history = renderFigure(
    [signKeys.complete, signKeys.pruned, { sign: 'second', label: 'best so far' }, signKeys.best],
    [{ title: 'History', svg: drawHistory(document, trials, objective) }],
    describeHistory(trials, objective),
  );
  const complete = trials.filter(({ state }) => state === 'complete').length;
  if (importances.size === 0) return history;
  const importance = renderFigure(
    [{ sign: 'bar', label: 'share of the importance (PED-ANOVA)' }],
    [{ title: 'Importance', svg: drawImportance(document, importances, complete) }],
    describeImportance(importances, complete),
  );
  return `<div class="pair">\n${history}\n${importance}\n</div>`;
}

function renderParameters(
  document: DrawingDocument,
  trials: readonly Trial[],
  objective: Objective,
  names: readonly string[],
): string {
  const parallel = renderFigure(
    [{ sign: 'first', label: 'complete trial' }, { sign: 'second', label: 'the best tenth' }, signKeys.best],
    [{ title: 'Parallel coordinates', svg: drawParallelCoordinates(document, trials, names, objective) }],
    describeParallelCoordinates(trials, names, objective),
  );
  const contour = renderContour(document, trials, objective, names);
  const sliced = names.slice(0, mostSlices);
  const slices = renderFigure(
    [signKeys.complete, signKeys.pruned, signKeys.best],
    sliced.map((name) => ({ title: name, svg: drawSlice(document, trials, name, objective) })),
    sliced.map((name) => describeSlice(trials, name, objective)).join(' '),
  );
  return `<div class="pair">\n${parallel}\n${contour}\n</div>\n${slices}`;
}

/** Empty where no trial has two parameters that vary. */
function renderContour(
  document: DrawingDocument,
  trials: readonly Trial[],
  objective: Objective,
  names: readonly string[],
): string {
  const ranked = rankTrials(trials, objective);
  const varying = names.filter((name) => {
    const axis = makeAxis(trials, name);
    return new Set(ranked.map(({ trial }) => axis.placeOf(trial))).size > 2;
  });
  const [across, up] = varying;
  if (up === undefined) return '';
  return renderFigure(
    [{ sign: 'bar', label: `local mean of ${objective.label}: the stronger the better` }, signKeys.complete],
    [{ title: `${across} and ${up}`, svg: drawContour(document, trials, [across, up], objective) }],
    describeContour(trials, [across, up], objective),
  );
}

function renderFront(
  document: DrawingDocument,
  trials: readonly Trial[],
  [across, up]: readonly [Objective, Objective],
): string {
  if (rankTrials(trials, across).length === 0) return '';
  return renderFigure(
    [signKeys.complete, { sign: 'ring', label: 'Pareto front' }],
    [{ title: `${up.label} and ${across.label}`, svg: drawParetoFront(document, trials, [across, up]) }],
    describeParetoFront(trials, [across, up]),
  );
}

function renderCourse(document: DrawingDocument, trials: readonly Trial[], objective: Objective): string {
  const timeline = renderFigure(
    [
      { sign: 'block', label: 'complete' },
      { sign: 'hollow', label: 'pruned' },
      { sign: 'second cross', label: 'failed' },
    ],
    [{ title: 'Timeline', svg: drawTimeline(document, trials) }],
    describeTimeline(trials),
  );
  const reporting = [...selectReporting(trials, 'complete'), ...selectReporting(trials, 'pruned')];
  if (reporting.length === 0) return timeline;
  const curves = renderFigure(
    [
      { sign: 'first', label: 'complete trial' },
      { sign: 'plain', label: 'pruned trial' },
      { sign: 'second', label: 'best trial' },
    ],
    [{ title: 'Reports on the way', svg: drawIntermediateValues(document, trials, objective) }],
    describeIntermediateValues(trials, objective),
  );
  return `<div class="pair">\n${curves}\n${timeline}\n</div>`;
}
