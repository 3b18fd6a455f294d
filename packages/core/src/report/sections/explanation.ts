import type { PermutationImportance } from '../../explain/permutationImportance.ts';
import { describeContributions, drawContributions, type SongContributions } from '../figures/contributions.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describeImportance, drawImportance, findImportanceDomain } from '../figures/importance.ts';
import {
  type Dependence,
  describeDependence,
  drawDependence,
  findDependenceDomain,
} from '../figures/partialDependence.ts';
import { type Key, renderFigure } from '../renderFigure.ts';

/** Which features a model reads: a panel a model, all on one scale. */
export function renderImportance(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly importance: Pick<PermutationImportance, 'factors' | 'mse'> }[],
): string {
  if (models.length === 0) return '';
  const domain = findImportanceDomain(models.map(({ importance }) => importance));
  const panels = models.map(({ name, importance }) => ({
    title: name,
    svg: drawImportance(document, name, importance, domain),
  }));
  const keys = [
    { sign: 'bar', label: 'increase of the error on held-out songs' },
    { sign: 'thin', label: '95 % interval' },
  ];
  const last = models[models.length - 1];
  return renderFigure(keys, panels, describeImportance(last.name, last.importance));
}

/** How one model's predictions go with each feature, all else as it is: a panel a feature, all on one scale. */
export function renderDependence(document: DrawingDocument, features: readonly Dependence[]): string {
  if (features.length === 0) return '';
  const domain = findDependenceDomain(features);
  const panels = features.map((feature) => ({
    title: feature.feature,
    svg: drawDependence(document, feature, domain),
  }));
  const keys: Key[] = [
    { sign: 'first', label: 'mean prediction' },
    { sign: 'band', label: '95 % interval' },
    { sign: 'hairline', label: 'single songs' },
    { sign: 'ring', label: 'unlike most known songs' },
  ];
  const reach = ({ mean }: Dependence) => {
    const means = mean.map((at) => at.mean);
    return Math.max(...means) - Math.min(...means);
  };
  const widest = features.reduce((most, feature) => (reach(feature) > reach(most) ? feature : most));
  return renderFigure(keys, panels, `Of these features the widest is ${describeDependence(widest)}`);
}

/** Why some songs are predicted as they are: a panel a song. */
export function renderContributions(
  document: DrawingDocument,
  songs: readonly (SongContributions & { readonly title: string })[],
): string {
  if (songs.length === 0) return '';
  const panels = songs.map((song) => ({ title: song.title, svg: drawContributions(document, song.title, song) }));
  const keys = [
    { sign: 'bar', label: 'raises the prediction' },
    { sign: 'bar second', label: 'lowers it' },
    { sign: 'dotted', label: 'mean prediction' },
    { sign: 'upright', label: 'this song' },
  ];
  return renderFigure(keys, panels, describeContributions(songs[0].title, songs[0]));
}
