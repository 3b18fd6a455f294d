import { join } from 'node:path';
import type { PipelineEvent } from '@hitscan/core/pipeline';
import { showLine } from '@hitscan/core/quoteValue';
import { describeInterpretation } from '@hitscan/core/readers';
import { listUnknown, type Tracks } from '@hitscan/core/tracks';
import { formatClock, type Reporter } from './progress.ts';

type EventOf<Kind extends PipelineEvent['kind']> = Extract<PipelineEvent, { readonly kind: Kind }>;

/** What is read in less time is not worth a word. */
const quietSeconds = 2;

/** Words for all that a command's work tells while it goes on. */
export function reportEvents(reporter: Reporter): (event: PipelineEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'reading':
        if (event.progress.seconds >= quietSeconds) reporter.draw(describeProgress(event.progress));
        return;
      case 'read':
        return reporter.clear();
      case 'songs':
        for (const line of describeSongs(event)) reporter.say(line);
        return;
      case 'split': {
        const { train, validation, test, note } = event.split;
        return reporter.say(
          `Split: ${train.length} train, ${validation.length} validation, ${test.length} test. ${note}`,
        );
      }
      case 'protocol':
        return reporter.say(`Protocol: ${event.note}`);
      case 'search':
        return reporter.draw(describeSearch(event.progress));
      case 'searched':
        return reporter.say(describeFound(event));
      case 'fit':
        return reporter.progress(event.model, event.progress);
      case 'model': {
        const { name, seconds, test } = event.result;
        return reporter.say(`${name}: done in ${seconds.toFixed(1)} s, test MSE ${test.mse.toFixed(1)}`);
      }
      case 'intervals': {
        const { model, share, folds } = event;
        return reporter.draw({
          place: `intervals  ${model}`,
          share,
          rest: `${folds} fits on folds of the training songs`,
        });
      }
      case 'explanation': {
        const { what, share, step } = event;
        return reporter.draw({ place: `explaining  ${what}`, share, rest: step });
      }
      case 'chosen':
        for (const line of describeChosen(event)) reporter.say(line);
        return;
      case 'learning': {
        const { model, rows } = event;
        return reporter.draw({ place: 'learning curves', share: 0.5, rest: `${model} on ${rows} songs` });
      }
      case 'contest':
        return reporter.draw(describeContest(event));
      case 'omitted': {
        const { part, reason } = event.omission;
        return reporter.warn(`hitscan: ${part}: left out, the rest goes on: ${reason}`);
      }
      case 'notice':
        return reporter.say(event.line);
      case 'trial':
      case 'measured':
        return;
    }
  };
}

function describeProgress({ file, share, rows, seconds }: EventOf<'reading'>['progress']) {
  const left = formatClock((seconds / share) * (1 - share));
  const rate = `${Math.round(rows / seconds).toLocaleString('en-US')} rows/s`;
  return { place: `reading ${file}`, share, rest: `${Math.floor(100 * share)} % · ${rate} · ${left} left` };
}

function describeSongs({ songs: { tracks, rejects, dialect, renamed }, rejectsFile }: EventOf<'songs'>): string[] {
  const lines = [describeTable(tracks)];
  lines.push(...describeInterpretation(dialect, renamed));
  if (rejects.length > 0)
    lines.push(
      `${rejects.length} rows set aside with their reasons in ${showLine(rejectsFile)}`,
      `first: ${rejects[0].faults[0].message}`,
    );
  return lines;
}

/** A table in a line, for people. */
function describeTable(tracks: Tracks): string {
  const { source, count } = tracks;
  const kind = source.synthetic ? ' (synthetic: statistics of real songs, no real song)' : '';
  const unknown = listUnknown(tracks);
  const without = unknown.length > 0 ? `; unknown in every row and left out: ${unknown.join(', ')}` : '';
  return `Data: ${source.name}${kind}, ${count.toLocaleString('en-US')} rows${without}`;
}

function describeChosen({ rejects, explained, chosen }: EventOf<'chosen'>): string[] {
  const lines: string[] = [];
  if (rejects.length > 0) lines.push(`${rejects.length} rows set aside; first: ${rejects[0].faults[0].message}`);
  if (explained < chosen) lines.push(`The first ${explained} of ${chosen} songs; --song chooses, --most takes more.`);
  return lines;
}

function describeSearch({
  finished,
  wanted,
  pruned,
  failed,
  running,
  best,
  perMinute,
  secondsLeft,
}: EventOf<'search'>['progress']) {
  const found = best
    ? `best ${(best.values as readonly number[])[0].toFixed(2)} (trial ${best.number})`
    : 'no trial yet';
  const others = failed > 0 ? ` · ${failed} failed` : '';
  return {
    place: `tuning  trial ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: Math.min(1, finished / wanted),
    rest: `${found} · ${running} running · ${pruned} pruned${others} · ${perMinute.toFixed(0)}/min · ${formatClock(secondsLeft)} left`,
  };
}

function describeFound({ result, study }: EventOf<'searched'>): string {
  const { baseError, bestError, bestTrial, trials, pruned, folds } = result;
  if (bestError === null) return `Tuning: none of ${trials} trials was completed; the settings stay as they are.`;
  const base = baseError === null ? '' : `, ${baseError.toFixed(2)} before`;
  const found =
    bestTrial === study.baseTrial ? 'the settings at the start were the best' : `trial ${bestTrial} was the best`;
  return `Tuning: ${trials} trials, ${pruned} of them pruned; ${found}: MSE ${bestError.toFixed(2)} over ${folds} folds of the training rows${base}.`;
}

function describeContest({ question, progress }: EventOf<'contest'>) {
  const { finished, wanted, running, secondsLeft } = progress;
  const what = question === null ? 'evaluating' : `investigating ${question}`;
  return {
    place: `${what}  fit ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: finished / wanted,
    rest: `${[...new Set(running)].join(', ')} · ${formatClock(secondsLeft)} left`,
  };
}

/** Where a run lies, as the last lines of a command's output. */
export function describeRun(path: string): string {
  return `Run: ${showLine(path)}\nReport: ${showLine(join(path, 'report.html'))}\n`;
}
