import {
  fullSize,
  type Investigation,
  investigateTies,
  type PlannedInquiries,
  planInquiries,
} from '@hitscan/core/evaluate';
import type { Parts } from '@hitscan/core/parts';
import type { FitTime } from '@hitscan/core/report';
import { describeInvestigation, renderInvestigation, wrapText } from '@hitscan/core/report';
import type { Tracks } from '@hitscan/core/tracks';
import { listUnknown } from '@hitscan/core/tracks';
import { startFitThread } from '../workers/fitThread.ts';
import { type RunConfig, settingsOf } from './config.ts';
import { type ContestResult, type ContestRun, describeContest, describeData, runContestCommand } from './contestRun.ts';
import { describeTable } from './loadTracks.ts';
import { expectModelsFit } from './modelSizes.ts';
import { describeTimes } from './pageTimes.ts';
import type { RunOptions, Session } from './session.ts';

function planStudy(tracks: Tracks, config: RunConfig, jobs: number): PlannedInquiries {
  const { folds, repeats, seed } = config;
  expectModelsFit(['mamba-tokens'], config, { rows: tracks.count, threads: 1, jobs });
  const size = { ...fullSize, folds, repeats, questionRepeats: Math.ceil(2.5 * repeats) };
  return planInquiries(tracks, { settings: settingsOf(config)['mamba-tokens'], size, seed });
}

async function holdStudy(
  run: ContestRun<PlannedInquiries>,
  { reporter, signal }: Session,
  parts: Parts,
): Promise<ContestResult> {
  const { directory, record, timings, loaded, plan, store } = run;
  const { tracks } = loaded;
  const { source, count } = tracks;
  const { seed, deterministic } = record.config;
  reporter.say(describeTable(tracks));
  const investigation = await investigateTies(tracks, plan, {
    seed,
    deterministic,
    jobs: timings.threads,
    startThread: startFitThread,
    store,
    signal,
    parts,
    onProgress: (what, progress) => reporter.draw(describeContest(`investigating ${what}`, progress)),
  });
  const answer = describeInvestigation(investigation, parts);
  const times = describeTimes(run, listTimes(investigation));
  const head = { source, rows: count, unknown: listUnknown(tracks), times };
  const page = renderInvestigation(investigation, answer, head, parts);
  const data = describeData(run);
  const { omitted } = parts;
  return {
    results: { data, ...investigation, findings: leaveTimes(investigation), answer, omitted },
    document: { run: directory.path, data, ...investigation, answer, omitted },
    page,
    text: formatAnswer(answer),
  };
}

/** How long fits took, by question and contestant. */
function listTimes({ findings }: Investigation): FitTime[] {
  return Object.entries(findings).flatMap(([question, finding]) =>
    Object.entries(finding?.seconds ?? {}).map(([name, seconds]) => ({ name: `${question}: ${name}`, seconds })),
  );
}

/** The findings without the times of fits. */
function leaveTimes({ findings }: Investigation) {
  return Object.fromEntries(
    Object.entries(findings).map(([question, finding]) => {
      const { seconds: _, ...found } = finding ?? {};
      return [question, finding && found];
    }),
  );
}

/** `hitscan investigate`: why Mamba and linear regression tie, and what the features really encode. */
export function investigate(data: string | undefined, options: RunOptions): Promise<void> {
  const defaults = { tune: 0, repeats: fullSize.repeats };
  return runContestCommand({ command: 'investigate', defaults, plan: planStudy, work: holdStudy }, data, options);
}

type Answer = ReturnType<typeof describeInvestigation>;

/** The answer as text of lines that a terminal can show. */
function formatAnswer(answer: Answer): string {
  const parts = answer.map(
    ({ title, sentences }) => `${title}\n${sentences.map((text) => wrapText(text, '- ')).join('\n')}`,
  );
  return `${parts.join('\n\n')}\n`;
}
