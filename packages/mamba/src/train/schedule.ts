export interface Schedule {
  readonly kind: 'constant' | 'cosine';
  /** Share of all steps over which the rate rises linearly from 0, 0 ≤ share < 1. */
  readonly warmup: number;
}

/** The factor on the learning rate at a step, counted from 1: a linear warm-up, then 1, or a cosine down to 0. */
export function learningRateFactor({ kind, warmup }: Schedule, step: number, steps: number): number {
  const rising = Math.round(warmup * steps);
  if (step <= rising) return step / (rising + 1);
  if (kind === 'constant') return 1;
  const share = (step - rising - 1) / Math.max(1, steps - rising);
  return 0.5 * (1 + Math.cos(Math.PI * share));
}
