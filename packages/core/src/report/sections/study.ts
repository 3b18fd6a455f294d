import type { Parts } from '../../parts.ts';
import { toValue } from '../../tune/distributions.ts';
import { measureImportances } from '../../tune/importance.ts';
import { type Direction, isFinished, type Trial, type TrialState } from '../../tune/trial.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describeContour, drawContour } from '../figures/study/contour.ts';
import { describeHistory, drawHistory } from '../figures/study/history.ts';
import { describeParameterImportance, drawParameterImportance } from '../figures/study/importance.ts';
import {
  describeIntermediateValues,
  drawIntermediateValues,
  selectReporting,
} from '../figures/study/intermediateValues.ts';
import { type Objective, objectiveAt, rankTrials, selectValued } from '../figures/study/objective.ts';
import { describeParallelCoordinates, drawParallelCoordinates } from '../figures/study/parallelCoordinates.ts';
import { formatSetting, makeAxis } from '../figures/study/parameterAxis.ts';
import { describeParetoFront, drawParetoFront, listCandidates } from '../figures/study/paretoFront.ts';
import { signKeys } from '../figures/study/signs.ts';
import { describeSlices, drawSlice } from '../figures/study/slice.ts';
import { describeTimeline, drawTimeline, hasTimes } from '../figures/study/timeline.ts';
import { escapeHtml, type Key, renderFigure, renderTable } from '../html.ts';
import { formatCount, formatSignificant, typeset } from '../text/format.ts';

/** A finished search, for the report. */
export interface ReportedStudy {
  readonly trials: readonly Trial[];
  /** Names of a trial's values, all but the first optional: `error`, `time`, `size`. */
  readonly objectives: readonly string[];
  readonly direction?: Direction;
  /** The number of the trial with the settings from which the search began; null where there is none. */
  readonly baseTrial: number | null;
}

/** Of objectives by their names. */
const units: Readonly<Record<string, string>> = { time: 's', size: 'numbers' };

/** Parameters that get a panel of their own, the most important first. */
const mostSlices = 6;

/** Complete trials below which local means would say nothing. */
const fewestForMeans = 10;

/** The section on a search for settings: what was found, which settings mattered, and how the search went. */
export function renderStudy(document: DrawingDocument, study: ReportedStudy, parts: Parts): string {
  const { trials, objectives, direction = 'minimize' } = study;
  const [objective, ...others] = objectives.map((name, i) => objectiveAt(i, name, direction, units[name]));
  const valued = (['complete', 'pruned'] as const).flatMap((state) => selectValued(trials, objective, state));
  if (valued.length === 0) return '<p>No trial ended with a value.</p>';
  const importances = measureImportances(trials, direction);
  const draw = (what: string, make: () => string) => parts.attempt(`figure of ${what}`, '', make);
  const figures = [
    `<p>${escapeHtml(describeStudy(trials))}</p>`,
    parts.attempt('table of the best trial', '', () => renderBest(study, objective)),
    pair(
      draw('the search’s history', () => renderHistory(document, trials, objective)),
      draw('the settings’ importance', () => renderImportance(document, trials, importances)),
    ),
    draw('the settings', () => renderParameters(document, trials, objective, [...importances.keys()]).join('\n')),
    draw('the Pareto front', () => pair(...others.map((other) => renderFront(document, trials, [other, objective])))),
    draw('the trials’ reports', () => renderReports(document, trials, objective)),
  ];
  return figures.filter(Boolean).join('\n');
}

function describeStudy(trials: readonly Trial[]): string {
  const count = (of: (state: TrialState) => boolean) => trials.filter(({ state }) => of(state)).length;
  const counts = [
    [count((state) => state === 'complete'), 'complete'],
    [count((state) => state === 'pruned'), 'pruned'],
    [count((state) => state === 'fail'), 'failed'],
    [count((state) => !isFinished(state)), 'not finished'],
  ] as const;
  const parts = counts.filter(([n], i) => n > 0 || i < 2).map(([n, name]) => `${formatCount(n)} ${name}`);
  const all = trials.length === 1 ? 'One trial' : `${formatCount(trials.length)} trials`;
  return `${all}: ${parts.join(', ')}. Each is evaluated on folds of the training songs; the test songs are not used.`;
}

/** The best trial's parameters beside those from which the search began. */
function renderBest({ trials, baseTrial }: ReportedStudy, objective: Objective): string {
  const [best] = rankTrials(trials, objective);
  if (!best) return '';
  const first = trials.find(({ number }) => number === baseTrial && number !== best.trial.number);
  const columns = [
    { label: `trial ${best.trial.number}, the best`, trial: best.trial },
    ...(first ? [{ label: `trial ${baseTrial}, the initial settings`, trial: first }] : []),
  ];
  const rows = [...best.trial.parameters.keys()].map((name) => {
    const cells = columns.map(({ trial }) => {
      const parameter = trial.parameters.get(name);
      return parameter ? formatSetting(toValue(parameter.distribution, parameter.internal)) : '–';
    });
    return [name, ...cells];
  });
  // The last report of a pruned trial is not its error over all folds.
  const errors = columns.map(({ trial }) => (trial.state === 'complete' ? objective.valueOf(trial) : null));
  rows.push([`${objective.label} over the folds`, ...errors.map((error) => typeset(formatSignificant(error, 5)))]);
  const caption = first ? 'The best settings, beside the initial ones' : 'The best settings';
  return renderTable('study-caption', caption, [{ label: 'setting' }, ...columns], rows);
}

function renderHistory(document: DrawingDocument, trials: readonly Trial[], objective: Objective): string {
  const [best] = rankTrials(trials, objective);
  return renderFigure(
    [...listValueKeys(trials), ...(best ? [{ sign: 'second', label: 'best so far' }, signKeys.best] : [])],
    [{ title: 'History', svg: drawHistory(document, trials, objective) }],
    describeHistory(trials, objective),
  );
}

/** Keys of the dots and crosses that there are. */
function listValueKeys(trials: readonly Trial[]): Key[] {
  return (['complete', 'pruned'] as const)
    .filter((state) => trials.some((trial) => trial.state === state))
    .map((state) => signKeys[state]);
}

function renderImportance(
  document: DrawingDocument,
  trials: readonly Trial[],
  importances: ReadonlyMap<string, number>,
): string {
  if (importances.size === 0) return '';
  const complete = trials.filter(({ state }) => state === 'complete').length;
  return renderFigure(
    [{ sign: 'bar', label: 'share of the importance (PED-ANOVA)' }],
    [{ title: 'Importance', svg: drawParameterImportance(document, importances, complete) }],
    describeParameterImportance(importances, complete),
  );
}

/** Figures of the parameters, the most important first; none where no complete trials differ in one. */
function renderParameters(
  document: DrawingDocument,
  trials: readonly Trial[],
  objective: Objective,
  names: readonly string[],
): string[] {
  const ranked = rankTrials(trials, objective);
  const varying = names.filter((name) => {
    const axis = makeAxis(trials, name);
    return new Set(ranked.map(({ trial }) => axis.placeOf(trial))).size > 1;
  });
  if (varying.length === 0) return [];
  const parallel = renderFigure(
    [{ sign: 'first', label: 'complete trial' }, { sign: 'second', label: 'the best tenth' }, signKeys.best],
    [{ title: 'Parallel coordinates', svg: drawParallelCoordinates(document, trials, varying, objective) }],
    describeParallelCoordinates(trials, varying, objective),
  );
  const sliced = varying.slice(0, mostSlices);
  const slices = renderFigure(
    [...listValueKeys(trials), signKeys.best],
    sliced.map((name) => ({ title: name, svg: drawSlice(document, trials, name, objective) })),
    describeSlices(trials, sliced, objective),
  );
  const [across, up] = varying;
  if (up === undefined) return [slices];
  return [pair(parallel, renderContour(document, trials, [across, up], objective)), slices];
}

function renderContour(
  document: DrawingDocument,
  trials: readonly Trial[],
  names: readonly [string, string],
  objective: Objective,
): string {
  const both = rankTrials(trials, objective).filter(({ trial }) => names.every((name) => trial.parameters.has(name)));
  if (both.length < fewestForMeans) return '';
  return renderFigure(
    [{ sign: 'bar', label: `local mean of ${objective.label}: the stronger the better` }, signKeys.complete],
    [{ title: names.join(' and '), svg: drawContour(document, trials, names, objective) }],
    describeContour(trials, names, objective),
  );
}

function renderFront(
  document: DrawingDocument,
  trials: readonly Trial[],
  [across, up]: readonly [Objective, Objective],
): string {
  if (listCandidates(trials, across, up).length === 0) return '';
  return renderFigure(
    [signKeys.complete, { sign: 'ring', label: 'Pareto front' }],
    [{ title: `${up.label} and ${across.label}`, svg: drawParetoFront(document, trials, [across, up]) }],
    describeParetoFront(trials, [across, up]),
  );
}

function renderReports(document: DrawingDocument, trials: readonly Trial[], objective: Objective): string {
  const [complete, pruned] = (['complete', 'pruned'] as const).map((state) => selectReporting(trials, state).length);
  if (complete + pruned === 0) return '';
  const keys = [
    ...(complete > 1 ? [{ sign: 'first', label: 'complete trial' }] : []),
    ...(pruned > 0 ? [{ sign: 'plain', label: 'pruned trial' }] : []),
    ...(complete > 0 ? [{ sign: 'second', label: 'best trial' }] : []),
  ];
  return renderFigure(
    keys,
    [{ title: 'Intermediate values', svg: drawIntermediateValues(document, trials, objective) }],
    describeIntermediateValues(trials, objective),
  );
}

/** When the trials of a search ran; empty where that is not known. */
export function renderTimeline(document: DrawingDocument, trials: readonly Trial[]): string {
  if (!hasTimes(trials)) return '';
  const keys = [
    { sign: 'block', label: 'complete', state: 'complete' },
    { sign: 'grey', label: 'pruned', state: 'pruned' },
    { sign: 'second cross', label: 'failed', state: 'fail' },
    { sign: 'band', label: 'running', state: 'running' },
  ];
  return renderFigure(
    keys.filter((key) => trials.some(({ state }) => state === key.state)),
    [{ title: 'Timeline', svg: drawTimeline(document, trials) }],
    describeTimeline(trials),
  );
}

/** Figures side by side where there is room; empty where there are none. */
function pair(...figures: readonly string[]): string {
  const drawn = figures.filter(Boolean);
  return drawn.length < 2 ? drawn.join('') : `<div class="pair">\n${drawn.join('\n')}\n</div>`;
}
