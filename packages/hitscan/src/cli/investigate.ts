import { basename } from 'node:path';
import { investigateTies, type PlannedInquiries, planInquiries } from '../contest/investigate.ts';
import { fullSize } from '../contest/investigation.ts';
import { renderInvestigation } from '../report/investigation.ts';
import { describeInvestigation } from '../report/investigationText.ts';
import { wrapText } from '../report/wrapText.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { type Config, settingsOf } from './config.ts';
import { type ContestResult, type ContestRun, describeContest, describeData, runContestCommand } from './contestRun.ts';
import { describeTable } from './loadTracks.ts';
import { expectModelsFit } from './modelSizes.ts';
import type { RunOptions, Session } from './session.ts';

function planStudy(tracks: Tracks, config: Config): PlannedInquiries {
  const { folds, repeats, seed } = config;
  expectModelsFit(['mamba-tokens'], config, { rows: tracks.count, threads: 1, jobs: config.threads });
  const size = { ...fullSize, folds, repeats, questionRepeats: Math.ceil(2.5 * repeats) };
  return planInquiries(tracks, { settings: settingsOf(config)['mamba-tokens'], size, seed });
}

async function holdStudy(run: ContestRun<PlannedInquiries>, { reporter, signal }: Session): Promise<ContestResult> {
  const { directory, record, loaded, plan, store } = run;
  const { tracks } = loaded;
  const { source, count } = tracks;
  const { seed, threads: jobs, deterministic } = record.config;
  reporter.say(describeTable(tracks));
  const investigation = await investigateTies(tracks, plan, {
    seed,
    deterministic,
    jobs,
    store,
    signal,
    onProgress: (what, progress) => reporter.draw(describeContest(`investigating ${what}`, progress)),
  });
  const answer = describeInvestigation(investigation);
  const head = { title: basename(directory.path), source, rows: count };
  return {
    document: { ...describeData(run), ...investigation, answer },
    page: renderInvestigation(investigation, head),
    text: formatAnswer(answer),
  };
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
