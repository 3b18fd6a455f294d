import { ConfigError, DataError } from '../errors.ts';
import type { ProtocolName } from '../optionNames.ts';
import { cutFolds } from '../tracks/folds.ts';
import { describeRepeats, firstRows } from '../tracks/repeats.ts';
import { holdOut, orderByTime } from '../tracks/split.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** One fit of a protocol: no recording is in two of its lists. */
export interface Part {
  readonly repeat: number;
  readonly fold: number;
  readonly train: Rows;
  /** Watched for early stopping; models that need none add them to the training rows. */
  readonly validation: Rows;
  readonly test: Rows;
}

export interface Protocol {
  readonly name: ProtocolName;
  readonly folds: number;
  readonly repeats: number;
  readonly seed: number;
  readonly parts: readonly Part[];
  /** One sentence for people: what is held out, and what is kept together. */
  readonly note: string;
}

export interface ProtocolOptions {
  readonly name: ProtocolName;
  /** At least 2, except for `time`; `holdout` has one a repeat, whatever is given. */
  readonly folds: number;
  /** `time` has one, whatever is given. */
  readonly repeats: number;
  readonly seed: number;
  /** Share held out by `holdout`. Default 0.2. */
  readonly testShare?: number;
  /** Share of the rows that are not held out. Default 0.15. */
  readonly validationShare?: number;
}

/**
 * Plans which rows are fitted on and which are predicted, fold by fold; the same seed gives the same rows.
 *
 * `holdout` holds out a random share, `repeats` times. `kfold` holds out every song once a repeat, `artist` the same with all
 * songs of an artist together. `time` cuts the songs into folds + 1 blocks from the oldest to the newest, and predicts each but
 * the first from all that are older. In all of them a recording counts once, by its first row (see `firstRows`).
 * Throws: ConfigError for too few folds; DataError when there are too few songs, or for `artist` no artists.
 */
export function planProtocol(tracks: Tracks, options: ProtocolOptions): Protocol {
  const { name, seed, validationShare = 0.15 } = options;
  const repeats = name === 'time' ? 1 : options.repeats;
  const folds = name === 'holdout' ? 1 : options.folds;
  if (folds < 2 && (name === 'kfold' || name === 'artist'))
    throw new ConfigError('--folds', `must be at least 2 for ${name}, got ${folds}`);
  if (name === 'artist' && tracks.artist.every((artist) => artist === ''))
    throw new DataError(tracks.source.name, 'must name artists (artist_name) for artist folds, got none; take kfold');
  const rows = firstRows(tracks);
  const { cuts, note } =
    name === 'time' ? cutTime(tracks, rows, folds) : cutRandom(tracks, rows, { ...options, repeats, folds });
  const kind = name === 'artist' ? 'artist' : 'random';
  const parts = cuts.map(({ repeat, fold, rest, test }): Part => {
    const purpose = `protocol: validation of repeat ${repeat}, fold ${fold}`;
    const { train, heldOut } = holdOut(tracks, rest, { kind, share: validationShare, seed, purpose });
    for (const [part, { length }] of Object.entries({ train, test })) {
      if (length > 0) continue;
      const where = `repeat ${repeat + 1}, fold ${fold + 1}`;
      throw new DataError(tracks.source.name, `must have enough songs for ${name}, got no ${part} rows in ${where}`);
    }
    return { repeat, fold, train, validation: heldOut, test };
  });
  return { name, folds, repeats, seed, parts, note: `${note} ${describeRepeats(tracks, rows)}` };
}

/** What is held out, and what is not; the validation rows are still among the rest. */
interface Cut {
  readonly repeat: number;
  readonly fold: number;
  readonly rest: Rows;
  readonly test: Rows;
}

interface Cuts {
  readonly cuts: readonly Cut[];
  readonly note: string;
}

function cutRandom(tracks: Tracks, rows: Rows, options: ProtocolOptions): Cuts {
  const { name, folds, repeats, seed, testShare = 0.2 } = options;
  const cuts = Array.from({ length: repeats }, (_, repeat) => repeat).flatMap((repeat): Cut[] => {
    if (name === 'holdout') {
      const purpose = `protocol: test of repeat ${repeat}`;
      const { train, heldOut } = holdOut(tracks, rows, { kind: 'random', share: testShare, seed, purpose });
      return [{ repeat, fold: 0, rest: train, test: heldOut }];
    }
    const kind = name === 'artist' ? 'artist' : 'random';
    return cutFolds(tracks, rows, { kind, folds, seed: seed + repeat }).map(({ train, heldOut }, fold) => ({
      repeat,
      fold,
      rest: train,
      test: heldOut,
    }));
  });
  const times = repeats === 1 ? '' : `, ${repeats} times`;
  const together = name === 'artist' ? ' All songs of an artist are on one side.' : '';
  const what =
    name === 'holdout' ? `${(100 * testShare).toFixed(0)} % of the songs held out at random` : `${folds} folds`;
  return { cuts, note: `${what}${times}.${together}` };
}

function cutTime(tracks: Tracks, rows: Rows, folds: number): Cuts {
  const { order, note } = orderByTime(tracks, rows);
  const oldestFirst = order.toReversed();
  const bound = (block: number) => Math.round((block * oldestFirst.length) / (folds + 1));
  const cuts = Array.from({ length: folds }, (_, fold): Cut => {
    const test = oldestFirst.slice(bound(fold + 1), bound(fold + 2)).sort();
    return { repeat: 0, fold, rest: oldestFirst.slice(0, bound(fold + 1)).sort(), test };
  });
  const blocks = `${folds + 1} blocks of songs from the oldest to the newest, told ${note}`;
  return { cuts, note: `${blocks}: each but the first is predicted from all that are older.` };
}
