import type { PrunerName } from './names.ts';
import type { Pruner } from './pruner.ts';
import { noPruner } from './pruners/decisions.ts';
import { createHyperbandPruner } from './pruners/hyperband.ts';
import { createMedianPruner } from './pruners/percentile.ts';
import { createHalvingPruner } from './pruners/successiveHalving.ts';
import { createWilcoxonPruner } from './pruners/wilcoxon.ts';

/** Epochs before the first rung, and how many trials one that climbs leaves behind. */
const firstRung = 3;
const reductionFactor = 3;
/** Trials whose middle is worth being compared with. */
const startupTrials = 5;

/** A pruner for trials whose steps are the epochs of all folds, one after the other. */
export function choosePruner(name: PrunerName): Pruner {
  switch (name) {
    case 'asha':
      return createHalvingPruner({ minResource: firstRung, reductionFactor });
    case 'hyperband':
      return createHyperbandPruner({ minResource: firstRung, reductionFactor });
    case 'median':
      return createMedianPruner({ startupTrials, warmupSteps: firstRung });
    case 'wilcoxon':
      return createWilcoxonPruner();
    case 'none':
      return noPruner;
  }
}
