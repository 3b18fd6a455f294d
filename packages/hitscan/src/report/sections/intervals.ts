import type { IntervalMethod } from '../../evaluate/intervals/intervalForecast.ts';
import type { MethodFigures } from '../../evaluate/intervals/measureIntervals.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import {
  describeDeciles,
  describeReliability,
  drawCoverageByDecile,
  drawIntervalReliability,
  findDecileDomain,
  findFurthest,
  findReliabilityDomain,
} from '../figures/intervalReliability.ts';
import { renderFigure } from '../renderFigure.ts';

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

/** Whether intervals hold what they promise: a panel a method, all on one scale. */
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
    { sign: 'plain', label: 'as promised' },
  ];
  const { method, reliability } = methods.reduce((most, other) =>
    findFurthest(other.reliability) > findFurthest(most.reliability) ? other : most,
  );
  return renderFigure(keys, panels, describeReliability(methodNames[method], reliability));
}

/**
 * Whether they do so for songs of every height of prediction: a panel a method, all on one scale.
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
    { sign: 'plain', label: 'as promised' },
  ];
  const [{ method, figures }] = found;
  return renderFigure(keys, panels, describeDeciles(methodNames[method], figures));
}
