import type { Rows } from './tracks.ts';

export type SplitKind = 'random' | 'artist' | 'time';

/** Which rows train, which are watched for early stopping, which are held out to the end. No row is in two parts. */
export interface Split {
  readonly kind: SplitKind;
  readonly seed: number;
  readonly train: Rows;
  readonly validation: Rows;
  readonly test: Rows;
  /** One sentence for people: what was kept together, and by what the order was told. */
  readonly note: string;
}
