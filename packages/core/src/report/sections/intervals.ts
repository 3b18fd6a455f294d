import type { HeldOut } from '../../compare/summariseModels.ts';
import type { ModelIntervals } from '../../evaluate/results.ts';
import type { IntervalMethod } from '../../intervals/intervalForecast.ts';
import { findKept, type MethodFigures, reportedCoverages } from '../../intervals/measureIntervals.ts';
import type { Parts } from '../../parts.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import {
  describeDeciles,
  describeReliability,
  drawCoverageByDecile,
  drawIntervalReliability,
  findDecileDomain,
  findReliabilityDomain,
  findWorstCoverage,
} from '../figures/intervalReliability.ts';
import { escapeHtml, renderFigure, renderTable } from '../html.ts';
import { formatCount, formatNumber } from '../text/format.ts';

const methodNames: Readonly<Record<IntervalMethod, string>> = {
  own: 'the model’s own',
  split: 'split',
  splitNormalised: 'split, by deviation',
  splitQuantiles: 'split, by quantiles',
  outOfFold: 'out of fold',
  outOfFoldNormalised: 'out of fold, by deviation',
  outOfFoldQuantiles: 'out of fold, by quantiles',
  crossPlus: 'CV+',
};

type Method = Pick<MethodFigures, 'method' | 'reliability' | 'reported'>;

/** Measured against nominal coverage: a panel a method, all on one scale. */
export function renderIntervalReliability(document: DrawingDocument, methods: readonly Method[]): string {
  if (methods.length === 0) return '';
  const domain = findReliabilityDomain(methods.map(({ reliability }) => reliability));
  const panels = methods.map(({ method, reliability }) => ({
    title: methodNames[method],
    svg: drawIntervalReliability(document, methodNames[method], reliability, domain),
  }));
  const keys = [
    { sign: 'first', label: 'songs covered' },
    { sign: 'band', label: '95 % interval (Wilson)' },
    { sign: 'plain', label: 'nominal coverage' },
  ];
  const { method, reliability } = methods.reduce((most, other) =>
    findWorstCoverage(other.reliability) > findWorstCoverage(most.reliability) ? other : most,
  );
  return renderFigure(keys, panels, describeReliability(methodNames[method], reliability));
}

/**
 * The same by decile of the prediction: a panel a method, all on one scale.
 *
 * @param coverage one of those in `reported`; methods that lack it are left out
 */
export function renderCoverageByDecile(
  document: DrawingDocument,
  methods: readonly Method[],
  coverage: number,
): string {
  const found = methods.flatMap(({ method, reported }) => {
    const figures = reported.find((entry) => entry.coverage === coverage);
    return figures ? [{ method, figures }] : [];
  });
  if (found.length === 0) return '';
  const domain = findDecileDomain(found.map(({ figures }) => figures));
  const panels = found.map(({ method, figures }) => ({
    title: methodNames[method],
    svg: drawCoverageByDecile(document, methodNames[method], figures, domain),
  }));
  const keys = [
    { sign: 'dot', label: 'songs covered' },
    { sign: 'first', label: '95 % interval (Wilson)' },
    { sign: 'plain', label: 'nominal coverage' },
  ];
  const [{ method, figures }] = found;
  return renderFigure(keys, panels, describeDeciles(methodNames[method], figures));
}

const percent = (share: number | null): string => (share === null ? '–' : `${formatNumber(100 * share, 1)} %`);

/**
 * How well intervals are calibrated, in full for the run's own model, or else the last. Empty where there are none.
 * Songs that name no artist are not grouped by whether the artist has training songs.
 */
export function renderTrust(
  document: DrawingDocument,
  intervals: readonly ModelIntervals[],
  { own, heldOut }: { readonly own?: string | undefined; readonly heldOut: HeldOut },
  parts: Parts,
): string {
  const shown = intervals.find(({ name }) => name === own) ?? intervals.at(-1);
  if (!shown) return '';
  const { methods } = shown.figures;
  return [
    `<p>${escapeHtml(describeTrust(shown))}</p>`,
    parts.attempt('table of intervals', '', () => renderWidths(intervals)),
    parts.attempt('table of intervals by artist', '', () => (heldOut.named > 0 ? renderByArtist(shown) : '')),
    parts.attempt('figure of intervals', '', () => renderIntervalReliability(document, methods)),
    parts.attempt('figure of intervals by prediction', '', () => renderCoverageByDecile(document, methods, 0.9)),
  ].join('\n');
}

function describeTrust({ name, figures }: ModelIntervals): string {
  const at = findKept(figures).reported[reportedCoverages.indexOf(0.9)];
  const { own, constantDeviation, point } = figures.rankedProbability;
  const width = `The 90 % prediction intervals of ${name} are ${formatNumber(at.meanWidth, 0)} points wide on average and cover ${percent(at.covered)} of the held-out songs (95 % interval ${percent(at.coveredLow)} to ${percent(at.coveredHigh)}).`;
  const compared =
    own === null
      ? ''
      : ` The model’s own predicted distribution has a CRPS of ${formatNumber(own, 2)} (lower is better).`;
  return `${width} With one standard deviation for all songs the CRPS is ${formatNumber(constantDeviation, 2)}, against a mean absolute error of ${formatNumber(point, 2)} for the prediction alone.${compared}`;
}

/** Coverage and width of every model and method. */
function renderWidths(intervals: readonly ModelIntervals[]): string {
  const rows = intervals.flatMap(({ name, figures }) =>
    figures.methods.map(({ method, reported }) => [
      `${name}, ${methodNames[method]}`,
      ...reported.flatMap(({ covered, meanWidth }) => [percent(covered), formatNumber(meanWidth, 1)]),
    ]),
  );
  const head = reportedCoverages.flatMap((coverage) => [
    { label: 'covered', group: `nominal ${100 * coverage} %` },
    { label: 'width', group: `nominal ${100 * coverage} %` },
  ]);
  const caption = 'Prediction intervals calibrated on folds of the training songs, measured on held-out songs';
  return renderTable('intervals-caption', caption, [{ label: 'model, method' }, ...head], rows);
}

/** Coverage of songs whose artist has training songs, and of songs of new artists. */
function renderByArtist({ name, figures }: ModelIntervals): string {
  const rows = figures.methods.map(({ method, reported }) => {
    const { seen, unseen } = reported[reportedCoverages.indexOf(0.9)];
    const cells = [seen, unseen].flatMap(({ rows: songs, covered, coveredLow, coveredHigh }) => [
      formatCount(Math.round(songs)),
      covered === null ? '–' : `${percent(covered)} [${percent(coveredLow)}, ${percent(coveredHigh)}]`,
    ]);
    return [methodNames[method], ...cells];
  });
  const head = ['artists with training songs', 'new artists'].flatMap((group) => [
    { label: 'songs', group },
    { label: 'covered [95 %]', group },
  ]);
  const caption = `90 % intervals of ${name}, by whether the artist has other songs among those trained on`;
  return renderTable('intervals-artists-caption', caption, [{ label: 'method' }, ...head], rows);
}
