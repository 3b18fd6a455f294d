import type { Counterfactual } from '../explain/counterfactual.ts';
import type { ExplainedSongs, SongEntry } from '../explain/explainSong.ts';
import { formatCount, formatNumber, formatSigned } from './numbers.ts';
import { describeInputs } from './page.ts';
import { describeChange, describePushes, describeTold, isFeature, listWords, warnOfUnseen } from './songWords.ts';

/** The share for which a song's range is told to people; the document has more. */
const toldCoverage = 0.8;

/** What model is asked, what it knows, and how good it is. */
export function describeModel({ model, data, context, test }: ExplainedSongs): string[] {
  const { mae, r2 } = test;
  const share = Math.round(100 * (r2 ?? 0));
  const explains =
    share > 0
      ? `explains ${share} % of what tells their popularities apart`
      : 'tells them apart no better than their mean would';
  return [
    `${model} was trained on ${formatCount(data.trainingSongs)} songs of ${data.source} and is told ${describeInputs(context)}.`,
    `On songs that it had not seen it is ${formatNumber(mae, 1)} points off on average and ${explains}.`,
    ...(data.synthetic ? ['Its training songs are synthetic: these figures say nothing about real songs.'] : []),
  ];
}

/** The prediction, its range, the actual popularity if known, and where it stands. */
export function describePrediction(song: SongEntry): string[] {
  const { prediction, ranges, actual, trained, abovePopularities, abovePredictions } = song;
  const range = ranges.find(({ coverage }) => coverage === toldCoverage);
  const within = range ? `, 80 % range ${formatNumber(range.low, 1)} to ${formatNumber(range.high, 1)}` : '';
  const known = actual === null ? '' : `; the file says ${formatNumber(actual, 0)}`;
  const percent = (share: number) => `${formatNumber(share, 0)} %`;
  return [
    `Predicted popularity: ${formatNumber(prediction, 1)} of 100${within}${known}.`,
    `${percent(abovePopularities)} of the training songs are less popular than that; of the held-out songs, which it has not seen either, the model predicts less for ${percent(abovePredictions)}.`,
    ...(trained
      ? [
          'The model was trained on this very song: it may know it better than a new one, and the range says nothing of it.',
        ]
      : []),
  ];
}

/** What pushes the prediction up and down, what the model was told, and where it has nothing to go by. */
export function describeReasons({ contributions, told }: SongEntry): string[] {
  const unseen = contributions.flatMap(({ factor, value, unseen: isUnseen }) =>
    isUnseen && value !== null && isFeature(factor) ? [{ feature: factor, value }] : [],
  );
  return [...describePushes(contributions), describeTold(told), warnOfUnseen(unseen)].filter(Boolean);
}

/** How much nearer a song must be for more of its features to be worth words, and how many are. */
const worthwhile = 0.8;
const mostChanges = 2;

const describeWay = ({ changes }: Counterfactual): string => listWords(changes.map(describeChange));

/** What would have to change, in a sentence. */
export function describeCounterfactual({ counterfactual }: SongEntry, gain: number): string {
  if (!counterfactual)
    return 'What would have to change cannot be told: no feature of the song is known that is a matter of more or less.';
  const { before, wanted, found, highest } = counterfactual;
  const points = `${formatNumber(gain, gain % 1 === 0 ? 0 : 1)} points more`;
  if (found.length > 0) {
    const [simplest] = found;
    const nearest = found.findLast(({ changes }) => changes.length <= mostChanges) ?? simplest;
    const ways = nearest.distance < worthwhile * simplest.distance ? [simplest, nearest] : [simplest];
    const told = ways.map(describeWay).join('; or, nearer to it, with ');
    return `The model would give ${formatNumber(wanted, 1)}, ${points}, to a song like this one with ${told}.`;
  }
  if (highest.changes.length === 0)
    return `No song like this one is found to which the model would give ${points}, nor any more.`;
  const reached = `${formatNumber(highest.prediction, 1)} (${formatSigned(highest.prediction - before, 1)})`;
  return `No song like this one is found to which the model would give ${points}; the most is ${reached}, with ${describeWay(highest)}.`;
}

/** The predictions for the changed songs that were asked for, a sentence each, and what to think of them. */
export function describeWhatIfs({ whatIfs }: SongEntry): string[] {
  return whatIfs.map(({ before, after, difference, changes, unseen }) => {
    const far = changes.flatMap(({ feature, to }) =>
      to !== null && unseen.includes(feature) ? [{ feature, value: to }] : [],
    );
    const told = `What if ${listWords(changes.map(describeChange))}: ${formatNumber(after, 1)} instead of ${formatNumber(before, 1)} (${formatSigned(difference, 1)}).`;
    return [told, warnOfUnseen(far)].filter(Boolean).join(' ');
  });
}

/** How to read all of it: what points, ranges and changes are and are not. */
export function describeReading({ model, songs, calibrationSongs, file }: ExplainedSongs): string[] {
  const [{ background, base }] = songs;
  const error =
    1.96 * Math.max(...songs.flatMap(({ contributions }) => contributions.map((entry) => entry.standardError)));
  const exact = songs.every(({ method }) => method === 'exact');
  const precision = exact
    ? 'they are exact for these'
    : `sampled, each within ${error < 0.05 ? '0.05' : formatNumber(error, 2)} points of exact with 95 % certainty`;
  const sentences = [
    `Points are Shapley values: what a feature adds to the mean prediction for ${background} training songs, ${formatNumber(base, 1)}, by taking this song’s value in place of theirs; ${precision}. Typical is the median of the training songs, or the most frequent.`,
    calibrationSongs === null
      ? `No range: the run has kept none for ${model}.`
      : `Ranges are made for songs like the training songs, from the errors on ${formatCount(calibrationSongs)} of them: four in five such songs lie within an 80 % range. A song of another kind may not.`,
    'Features, loudness above all, tell when a song was made, and popularity is counted on one day: much of what such a model reads is the time.',
    'All of this tells what the model does with what it is told. It knows which songs were popular, not why: a changed song is another song that the model thinks of, and no promise of what changing this one would do.',
  ];
  if (file.synthetic) sentences.push(`The songs of ${file.source} are synthetic, no real ones.`);
  return sentences;
}
