import type { PruneDecision, Pruner } from '../pruner.ts';

export const goOn: PruneDecision = { prune: false, systemAttributes: {} };
export const stop: PruneDecision = { prune: true, systemAttributes: {} };

/** Never prunes. */
export const noPruner: Pruner = { decide: () => goOn };
