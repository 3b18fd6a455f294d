import type { ContextInputs, SongContribution } from '../explain/explainSong.ts';
import type { FeatureChange } from '../explain/whatIf.ts';
import { type FeatureName, featureNames, featureRules } from '../tracks/schema.ts';
import { formatNumber, formatSigned } from './numbers.ts';

const keys = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];

/** How a song with less or more of a feature than most others is called. */
const comparatives: Readonly<Partial<Record<FeatureName, { readonly low: string; readonly high: string }>>> = {
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
export function formatFeature(feature: FeatureName, value: number | null): string {
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
export function nameFeature(feature: FeatureName): string {
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

export function isFeature(factor: string): factor is FeatureName {
  return (featureNames as readonly string[]).includes(factor);
}

/** What a song is like in one factor: `louder than most`, `usual energy`, `key F♯`, `the artist`. */
export function describeFactor({ factor, value, level }: SongContribution): string {
  if (!isFeature(factor)) return factor === 'release' ? 'the year' : `the ${factor}`;
  if (value === null) return `${nameFeature(factor)} not known`;
  if (level === 'low' || level === 'high') return `${comparatives[factor]?.[level]} than most`;
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
  return [
    `Pushed up by: ${name(1) || 'nothing to speak of'}.`,
    `Pushed down by: ${name(-1) || 'nothing to speak of'}.`,
  ];
}

/** What a model was told of a song beside audio, in a sentence; empty where nothing. */
export function describeTold({ artist, release }: ContextInputs): string {
  const parts: string[] = [];
  if (artist) {
    const { songs, mean } = artist;
    const counted = songs === 1 ? 'one other song' : `${songs} other songs`;
    parts.push(
      songs === 0
        ? 'the artist, of whom the training songs hold no other'
        : `the artist, of whom the training songs hold ${counted} (mean popularity, drawn towards that of all artists: ${formatNumber(mean, 1)})`,
    );
  }
  if (release !== undefined) parts.push(release === null ? 'no year, as the song has no date' : `the year ${release}`);
  return parts.length > 0 ? `Told beside the audio: ${parts.join('; ')}.` : '';
}

/** Features whose values no training song has, in a sentence; empty where there is none. */
export function warnOfUnseen(features: readonly { readonly feature: FeatureName; readonly value: number }[]): string {
  if (features.length === 0) return '';
  const names = features.map(({ feature, value }) => `${nameFeature(feature)} ${formatFeature(feature, value)}`);
  const rule = featureRules[features[0].feature].kind === 'category' ? 'such a value' : 'a value so far out';
  return `No training song has ${rule}: ${listWords(names)}. Here the model guesses.`;
}
