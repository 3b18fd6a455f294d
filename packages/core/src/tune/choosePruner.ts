import type { Settings } from '../models/tunable.ts';
import type { PrunerName, TunableName } from '../optionNames.ts';
import type { Steps } from './crossValidation.ts';
import type { Pruner } from './pruner.ts';
import { noPruner } from './pruner.ts';
import { createHyperbandPruner } from './pruners/hyperband.ts';
import { createPatiencePruner } from './pruners/patience.ts';
import { createMedianPruner, createPercentilePruner } from './pruners/percentile.ts';
import { createHalvingPruner } from './pruners/successiveHalving.ts';
import { createThresholdPruner } from './pruners/threshold.ts';
import { createWilcoxonPruner } from './pruners/wilcoxon.ts';

/** Reports before a trial may be pruned, about a fold's: after a few epochs, trials that learn slowly look bad and are not. */
const firstRungs: Readonly<Record<Steps, number>> = { epochs: 8, folds: 1 };
/** How many trials one that climbs leaves behind; with Optuna's four so few came to an end that less was found. */
const reductionFactor = 3;
/** Trials whose middle is worth being compared with. */
const startupTrials = 5;
/** The share of trials, in percent, that the percentile pruner lets live. */
const bestPercentile = 25;
/** Epochs without improvement that the patience pruner bears. */
const patience = 5;

/**
 * What trials are to report: all compare learning curves, but Wilcoxon's test pairs folds, trees have no epochs, and heads
 * that predict a distribution tell their epochs in another unit than folds.
 */
export function stepsFor(name: PrunerName, model: TunableName, base: Settings): Steps {
  const comparable = model === 'mamba-tokens' && (base.loss === 'meanSquaredError' || base.loss === 'huber');
  return name === 'wilcoxon' || !comparable ? 'folds' : 'epochs';
}

/** A pruner by name. `ignorantError`: the error of a model that knows nothing; worse than that is not worth going on with. */
export function choosePruner(
  name: PrunerName,
  { ignorantError, steps }: { readonly ignorantError: number; readonly steps: Steps },
): Pruner {
  const firstRung = firstRungs[steps];
  const settings = { startupTrials, warmupSteps: firstRung };
  switch (name) {
    case 'asha':
      return createHalvingPruner({ minResource: firstRung, reductionFactor });
    case 'hyperband':
      return createHyperbandPruner({ minResource: firstRung, reductionFactor });
    case 'median':
      return createMedianPruner(settings);
    case 'percentile':
      return createPercentilePruner(bestPercentile, settings);
    case 'wilcoxon':
      return createWilcoxonPruner();
    case 'threshold':
      return createThresholdPruner({ upper: ignorantError, warmupSteps: firstRung });
    case 'patience':
      return createPatiencePruner(createMedianPruner(settings), { patience, minDelta: 0 });
    case 'none':
      return noPruner;
  }
}
