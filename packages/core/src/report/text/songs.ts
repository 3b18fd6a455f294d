import type { Counterfactual } from '../../explain/counterfactual.ts';
import type { ContextInputs, ExplainedSongs, SongContribution, SongEntry } from '../../explain/explainSong.ts';
import { contextFactors } from '../../explain/factors.ts';
import type { FeatureChange } from '../../explain/whatIf.ts';
import { formatCount, formatNumber, formatSigned } from './format.ts';
import { describeInputs } from './models.ts';

const keys = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];

/** How a song with less or more of one of Spotify's numeric features than most others is called. */
const comparatives: Readonly<Record<string, { readonly low: string; readonly high: string }>> = {
  acousticness: { low: 'less acoustic', high: 'more acoustic' },
  danceability: { low: 'less danceable', high: 'more danceable' },
  duration_ms: { low: 'shorter', high: 'longer' },
  energy: { low: 'less energetic', high: 'more energetic' },
  instrumentalness: { low: 'less instrumental', high: 'more instrumental' },
  liveness: { low: 'less like a live recording', high: 'more like a live recording' },
  loudness: { low: 'quieter', high: 'louder' },
  speechiness: { low: 'fewer spoken words', high: 'more spoken words' },
  tempo: { low: 'slower', high: 'faster' },
  valence: { low: 'less cheerful', high: 'more cheerful' },
};

/** `3:05`. */
function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A feature's value as people say it: `3:05`, `-5.3 dB`, `F♯`, `minor`, `0.66`. */
export function formatFeature(feature: string, value: number | null): string {
  if (value === null) return 'not known';
  switch (feature) {
    case 'duration_ms':
      return formatDuration(value);
    case 'loudness':
      return `${formatNumber(value, 1)} dB`;
    case 'tempo':
      return `${formatNumber(value, 1)} bpm`;
    case 'key':
      return keys[value] ?? String(value);
    case 'mode':
      return value === 1 ? 'major' : 'minor';
    case 'time_signature':
      return `${value} beats`;
    default:
      return formatNumber(value, 2);
  }
}

/** The name without its unit: `duration`, `time signature`. */
export function nameFeature(feature: string): string {
  return feature.replace('_ms', '').replaceAll('_', ' ');
}

/** `energy 0.90 instead of 0.66`; values that would look alike in three digits, in the file's unit. */
export function describeChange({ feature, from, to }: FeatureChange): string {
  const texts = [to, from].map((value) => formatFeature(feature, value));
  const [after, before] = texts[0] === texts[1] ? [to, from].map(formatPrecisely) : texts;
  return `${nameFeature(feature)} ${after} instead of ${before}`;
}

function formatPrecisely(value: number | null): string {
  return value === null ? 'not known' : String(Number(value.toPrecision(3)));
}

/** `a, b and c` */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** Whether a factor is a feature, and not one of the inputs beside audio. */
export function isFeature(factor: string): boolean {
  return !contextFactors.some(({ name }) => name === factor);
}

function compare(feature: string, level: 'low' | 'high'): string {
  return comparatives[feature]?.[level] ?? `${level === 'low' ? 'less' : 'more'} ${nameFeature(feature)}`;
}

/** What a song is like in one factor: `louder than most`, `usual energy`, `key F♯`, `the artist`. */
export function describeFactor({ factor, value, level }: SongContribution): string {
  if (!isFeature(factor)) return factor === 'release' ? 'the year' : `the ${factor}`;
  if (value === null) return `${nameFeature(factor)} not known`;
  if (level === 'low' || level === 'high') return `${compare(factor, level)} than most`;
  if (level === 'usual') return `usual ${nameFeature(factor)}`;
  return `${nameFeature(factor)} ${formatFeature(factor, value)}`;
}

/** Factors that a sentence names in each direction, at most, and the points from which one is named. */
const mostNamed = 3;
const leastPoints = 0.1;

/** What pushes a prediction up, and what down, in a sentence each; what its own error may account for is not named. */
export function describePushes(contributions: readonly SongContribution[]): string[] {
  const clear = contributions.filter(({ contribution, standardError }) => {
    return Math.abs(contribution) >= Math.max(leastPoints, 2 * standardError);
  });
  const name = (direction: number) => {
    const named = clear.filter(({ contribution }) => Math.sign(contribution) === direction).slice(0, mostNamed);
    return listWords(named.map((entry) => `${describeFactor(entry)} (${formatSigned(entry.contribution, 1)})`));
  };
  return [`Pushed up by: ${name(1) || 'nothing notable'}.`, `Pushed down by: ${name(-1) || 'nothing notable'}.`];
}

/** A model's inputs for a song beside audio, in a sentence; empty where there are none. */
export function describeContext({ artist, release }: ContextInputs): string {
  const parts: string[] = [];
  if (artist) {
    const { songs, mean } = artist;
    const counted = songs === 1 ? 'one other song' : `${songs} other songs`;
    parts.push(
      songs === 0
        ? 'the artist, who has no other song among the training songs'
        : `the artist, who has ${counted} among the training songs (mean popularity, shrunk towards that of all artists: ${formatNumber(mean, 1)})`,
    );
  }
  if (release !== undefined)
    parts.push(release === null ? 'no release year, as the song has no date' : `the release year ${release}`);
  return parts.length > 0 ? `Inputs beside audio: ${parts.join('; ')}.` : '';
}

/** Features whose values no training song has, in a sentence; empty where there is none. */
export function warnOfUnseen(features: readonly { readonly feature: string; readonly value: number }[]): string {
  if (features.length === 0) return '';
  const names = features.map(({ feature, value }) => `${nameFeature(feature)} ${formatFeature(feature, value)}`);
  const rule = features[0].feature in comparatives ? 'a value so far out' : 'such a value';
  return `No training song has ${rule}: ${listWords(names)}. Here the model extrapolates.`;
}

/** The coverage of the interval that people are shown; the document has more. */
const shownCoverage = 0.8;

/** The model, its inputs, and how accurate it is. */
export function describeModel({ model, data, context, test }: ExplainedSongs): string[] {
  const { mae, r2 } = test;
  const share = Math.round(100 * (r2 ?? 0));
  const explains =
    share > 0 ? `it explains ${share} % of the variance of popularity` : 'it predicts no better than their mean';
  return [
    `${model} was trained on ${formatCount(data.trainingSongs)} songs of ${data.source}. Its inputs are ${describeInputs(context)}.`,
    `On the held-out songs its mean absolute error is ${formatNumber(mae, 1)} points, and ${explains}.`,
    ...(data.synthetic ? ['Its training songs are synthetic: these figures say nothing about real songs.'] : []),
  ];
}

/** The prediction, its range, the actual popularity if known, and where it stands. */
export function describePrediction(song: SongEntry): string[] {
  const { prediction, ranges, actual, trained, abovePopularities, abovePredictions } = song;
  const range = ranges.find(({ coverage }) => coverage === shownCoverage);
  const within = range
    ? `, 80 % prediction interval ${formatNumber(range.low, 1)} to ${formatNumber(range.high, 1)}`
    : '';
  const known = actual === null ? '' : `; actual popularity ${formatNumber(actual, 0)}`;
  const percent = (share: number) => `${formatNumber(share, 0)} %`;
  return [
    `Predicted popularity: ${formatNumber(prediction, 1)} of 100${within}${known}.`,
    `That is above the popularity of ${percent(abovePopularities)} of the training songs, and above the predictions for ${percent(abovePredictions)} of the held-out songs.`,
    ...(trained
      ? [
          'The model was trained on this very song: it may fit it better than a new one, and the interval does not apply.',
        ]
      : []),
  ];
}

/** What pushes the prediction up and down, the inputs beside audio, and where the model extrapolates. */
export function describeReasons({ contributions, told }: SongEntry): string[] {
  const unseen = contributions.flatMap(({ factor, value, unseen: isUnseen }) =>
    isUnseen && value !== null && isFeature(factor) ? [{ feature: factor, value }] : [],
  );
  return [...describePushes(contributions), describeContext(told), warnOfUnseen(unseen)].filter(Boolean);
}

/** How much nearer a song must be for more of its features to be worth words, and how many are. */
const worthwhile = 0.8;
const mostChanges = 2;

const describeWay = ({ changes }: Counterfactual): string => listWords(changes.map(describeChange));

/** What would have to change, in a sentence. */
export function describeCounterfactual({ counterfactual }: SongEntry, gain: number): string {
  if (!counterfactual) return 'No counterfactual: none of the song’s numeric features is known.';
  const { before, wanted, found, highest } = counterfactual;
  const points = `${formatNumber(gain, gain % 1 === 0 ? 0 : 1)} points more`;
  if (found.length > 0) {
    const [simplest] = found;
    const nearest = found.findLast(({ changes }) => changes.length <= mostChanges) ?? simplest;
    const ways = nearest.distance < worthwhile * simplest.distance ? [simplest, nearest] : [simplest];
    const changes = ways.map(describeWay).join('; or, closer to it, with ');
    return `The model would predict ${formatNumber(wanted, 1)}, ${points}, for a song like this one with ${changes}.`;
  }
  if (highest.changes.length === 0)
    return `No song like this one was found for which the model predicts ${points}, or any more at all.`;
  const reached = `${formatNumber(highest.prediction, 1)} (${formatSigned(highest.prediction - before, 1)})`;
  return `No song like this one was found for which the model predicts ${points}; the highest prediction is ${reached}, with ${describeWay(highest)}.`;
}

/** The predictions for the changed songs that were asked for, a sentence each, and what to think of them. */
export function describeWhatIfs({ whatIfs }: SongEntry): string[] {
  return whatIfs.map(({ before, after, difference, changes, unseen }) => {
    const far = changes.flatMap(({ feature, to }) =>
      to !== null && unseen.includes(feature) ? [{ feature, value: to }] : [],
    );
    const answer = `What if ${listWords(changes.map(describeChange))}: ${formatNumber(after, 1)} instead of ${formatNumber(before, 1)} (${formatSigned(difference, 1)}).`;
    return [answer, warnOfUnseen(far)].filter(Boolean).join(' ');
  });
}

/** How to read all of it: what points, ranges and changes are and are not. */
export function describeReading({ model, songs, calibrationSongs, file }: ExplainedSongs): string[] {
  const [{ background, base }] = songs;
  const error =
    1.96 * Math.max(...songs.flatMap(({ contributions }) => contributions.map((entry) => entry.standardError)));
  const exact = songs.every(({ method }) => method === 'exact');
  const precision = exact
    ? 'computed exactly'
    : `estimated from samples, each within ${error < 0.05 ? '0.05' : formatNumber(error, 2)} points of the exact value with 95 % confidence`;
  const sentences = [
    `Points are Shapley values: how much a feature adds to ${formatNumber(base, 1)}, the mean prediction for ${background} training songs, when it takes this song’s value; ${precision}. Typical is the median of the training songs, or their most frequent category.`,
    calibrationSongs === null
      ? `No prediction interval: the run has none for ${model}.`
      : `Prediction intervals are calibrated on the errors for ${formatCount(calibrationSongs)} training songs: four in five songs like these lie within an 80 % interval. A song of another kind may not.`,
    'Audio features, loudness above all, reveal when a song was made, and popularity is measured on a single day: much of what such a model learns is the era.',
    'All of this describes what the model does with its inputs. It has learnt which songs were popular, not why: a changed song is another song to the model, and no promise of what changing this one would do.',
  ];
  if (file.synthetic) sentences.push(`The songs of ${file.source} are synthetic.`);
  return sentences;
}
