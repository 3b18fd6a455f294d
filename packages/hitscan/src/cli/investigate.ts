import { basename } from 'node:path';
import { investigateTies, type PlannedInquiries, planInquiries } from '../contest/investigate.ts';
import { fullSize } from '../contest/investigation.ts';
import type { Parts } from '../parts.ts';
import { renderInvestigation } from '../report/investigation.ts';
import { describeInvestigation } from '../report/investigationText.ts';
import { wrapText } from '../report/wrapText.ts';
import { listUnknown } from '../tracks/learnable.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { type Config, settingsOf } from './config.ts';
import { type ContestResult, type ContestRun, describeContest, describeData, runContestCommand } from './contestRun.ts';
import { describeTable } from './loadTracks.ts';
import type { RunOptions, Session } from './session.ts';

function planStudy(tracks: Tracks, config: Config): PlannedInquiries {
  const { folds, repeats, seed } = config;
  const size = { ...fullSize, folds, repeats, questionRepeats: Math.ceil(2.5 * repeats) };
  return planInquiries(tracks, { settings: settingsOf(config)['mamba-tokens'], size, seed });
}

async function holdStudy(
  run: ContestRun<PlannedInquiries>,
  { reporter, signal }: Session,
  parts: Parts,
): Promise<ContestResult> {
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
    parts,
    onProgress: (what, progress) => reporter.draw(describeContest(`investigating ${what}`, progress)),
  });
  const answer = describeInvestigation(investigation, parts);
  const head = { title: basename(directory.path), source, rows: count, unknown: listUnknown(tracks) };
  const page = renderInvestigation(investigation, answer, head, parts);
  return {
    document: { ...describeData(run), ...investigation, answer, omitted: parts.omitted },
    page,
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
