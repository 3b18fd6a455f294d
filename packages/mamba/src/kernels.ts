import { type AdamWKernels, adamWDefinition } from './ops/adamW.ts';
import { type AddToTokensKernels, addToTokensDefinition } from './ops/addToTokens.ts';
import { type CausalConvKernels, causalConvDefinition } from './ops/causalConv.ts';
import { type ConvStepKernels, convStepDefinition } from './ops/convStep.ts';
import { type DropoutKernels, dropoutDefinition } from './ops/dropout.ts';
import { type EmbeddingKernels, embeddingDefinition } from './ops/embedding.ts';
import { type GatedRmsNormKernels, gatedRmsNormDefinition } from './ops/gatedRmsNorm.ts';
import { type GatherRowsKernels, gatherRowsDefinition } from './ops/gatherRows.ts';
import { type HideKernels, hideDefinition } from './ops/hide.ts';
import { type LinearKernels, linearDefinition } from './ops/linear.ts';
import {
  crossEntropyDefinition,
  gaussianDefinition,
  huberDefinition,
  type LossKernels,
  meanSquaredErrorDefinition,
  quantilesDefinition,
} from './ops/losses.ts';
import { type OffsetColumnsKernels, offsetColumnsDefinition } from './ops/offsetColumns.ts';
import { type PiecewiseLinearKernels, piecewiseLinearDefinition } from './ops/piecewiseLinear.ts';
import { type PoolKernels, poolDefinition } from './ops/pool.ts';
import { type ReluKernels, reluDefinition } from './ops/relu.ts';
import { type ReverseSequenceKernels, reverseSequenceDefinition } from './ops/reverseSequence.ts';
import { type RmsNormKernels, rmsNormDefinition } from './ops/rmsNorm.ts';
import { type ScanStepKernels, scanStepDefinition } from './ops/scanStep.ts';
import { type SelectiveScanKernels, selectiveScanDefinition } from './ops/selectiveScan.ts';
import { type SigmoidKernels, sigmoidDefinition } from './ops/sigmoid.ts';
import { type SsdKernels, ssdDefinition } from './ops/ssd.ts';
import { type SsdStepKernels, ssdStepDefinition } from './ops/ssdStep.ts';

/** What a backend must bring: a forward and a backward kernel for every operation. */
export interface Kernels {
  readonly linear: LinearKernels;
  readonly rmsNorm: RmsNormKernels;
  readonly gatedRmsNorm: GatedRmsNormKernels;
  readonly causalConv: CausalConvKernels;
  readonly selectiveScan: SelectiveScanKernels;
  readonly piecewiseLinear: PiecewiseLinearKernels;
  readonly embedding: EmbeddingKernels;
  readonly hide: HideKernels;
  readonly offsetColumns: OffsetColumnsKernels;
  readonly addToTokens: AddToTokensKernels;
  readonly pool: PoolKernels;
  readonly reverseSequence: ReverseSequenceKernels;
  readonly convStep: ConvStepKernels;
  readonly scanStep: ScanStepKernels;
  readonly ssd: SsdKernels;
  readonly ssdStep: SsdStepKernels;
  readonly relu: ReluKernels;
  readonly sigmoid: SigmoidKernels;
  readonly dropout: DropoutKernels;
  readonly meanSquaredError: LossKernels;
  readonly huber: LossKernels;
  readonly gaussian: LossKernels;
  readonly quantiles: LossKernels;
  readonly crossEntropy: LossKernels;
  readonly gatherRows: GatherRowsKernels;
  readonly adamW: AdamWKernels;
}

/** The definitions themselves. On float64 memory they are what every other backend is tested against. */
export const referenceKernels: Kernels = {
  linear: linearDefinition,
  rmsNorm: rmsNormDefinition,
  gatedRmsNorm: gatedRmsNormDefinition,
  causalConv: causalConvDefinition,
  selectiveScan: selectiveScanDefinition,
  piecewiseLinear: piecewiseLinearDefinition,
  embedding: embeddingDefinition,
  hide: hideDefinition,
  offsetColumns: offsetColumnsDefinition,
  addToTokens: addToTokensDefinition,
  pool: poolDefinition,
  reverseSequence: reverseSequenceDefinition,
  convStep: convStepDefinition,
  scanStep: scanStepDefinition,
  ssd: ssdDefinition,
  ssdStep: ssdStepDefinition,
  relu: reluDefinition,
  sigmoid: sigmoidDefinition,
  dropout: dropoutDefinition,
  meanSquaredError: meanSquaredErrorDefinition,
  huber: huberDefinition,
  gaussian: gaussianDefinition,
  quantiles: quantilesDefinition,
  crossEntropy: crossEntropyDefinition,
  gatherRows: gatherRowsDefinition,
  adamW: adamWDefinition,
};
