import { holdsTooFew, type ModelSummaries } from '../../compare/summariseModels.ts';
import { describeComparison, drawDifferences, drawErrors } from '../figures/comparison.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { type Key, renderFigure } from '../renderFigure.ts';

/** The models' errors, and how they differ from that of the reference; empty without a model. */
export function renderComparison(document: DrawingDocument, standings: ModelSummaries): string {
  const { models } = standings;
  if (models.length === 0) return '';
  const told = !holdsTooFew(standings.heldOut);
  const keys: Key[] = told ? [{ sign: 'first', label: '95 % interval' }] : [];
  const panels = [{ title: 'Mean squared error', svg: drawErrors(document, standings) }];
  if (models.length > 1) {
    panels.unshift({ title: 'Difference to the reference', svg: drawDifferences(document, standings) });
    if (told) {
      keys[0] = { sign: 'first', label: 'interval: of errors 95 %, of differences at the level of the word' };
      keys.push({ sign: 'dot', label: 'better' }, { sign: 'square', label: 'worse' });
      keys.push({ sign: 'open', label: 'no difference shown' });
    }
  }
  if (models.some(({ foldErrors }) => foldErrors.length > 1)) keys.push({ sign: 'faint', label: 'one fold' });
  return renderFigure(keys, panels, describeComparison(standings));
}
