import { inferenceBatch, inferenceRow } from './inference.ts';
import { exp, matmul } from './kernels.ts';
import { longScan } from './longScan.ts';
import type { Case } from './measure.ts';
import { seedTraining, stepShare, tokensActivations, tokensStep } from './training.ts';

/** The rows of the table; `npm run bench -- <name>` takes some of them. */
export const cases: readonly Case[] = [
  seedTraining,
  tokensStep,
  tokensActivations,
  longScan,
  matmul,
  exp,
  stepShare,
  inferenceRow,
  inferenceBatch,
];
