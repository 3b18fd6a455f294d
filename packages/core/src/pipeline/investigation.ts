import { fullSize } from '../evaluate/inquiries.ts';
import { type Investigation, investigateTies, type PlannedInquiries, planInquiries } from '../evaluate/investigate.ts';
import type { Parts } from '../parts.ts';
import type { FitTime } from '../report/pages/page.ts';
import { describeInvestigation } from '../report/text/investigation.ts';
import { wrapText } from '../report/text/terminal.ts';
import { listUnknown } from '../tracks/learnable.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { expectModelsFit, type RunConfig, settingsOf } from './configuration.ts';
import { type ContestResult, type ContestRun, type ContestSteps, summariseData } from './contestRun.ts';
import type { Environment } from './events.ts';
import type { Machine } from './host.ts';
import { describeTimes } from './timings.ts';

function planStudy(tracks: Tracks, config: RunConfig, jobs: number, { memoryBytes }: Machine): PlannedInquiries {
  const { folds, repeats, seed } = config;
  expectModelsFit(['mamba-tokens'], config, { rows: tracks.count, threads: 1, jobs, memoryBytes });
  const size = { ...fullSize, folds, repeats, questionRepeats: Math.ceil(2.5 * repeats) };
  return planInquiries(tracks, { settings: settingsOf(config)['mamba-tokens'], size, seed });
}

async function holdStudy(
  run: ContestRun<PlannedInquiries>,
  parts: Parts,
  { host, signal, onEvent }: Environment,
): Promise<ContestResult> {
  const { files, record, timings, songs, plan, store } = run;
  const { tracks } = songs;
  const { source, count } = tracks;
  const { seed, deterministic } = record.config;
  const investigation = await investigateTies(tracks, plan, {
    seed,
    deterministic,
    jobs: timings.threads,
    startThread: host.machine.startFitThread,
    store,
    signal,
    parts,
    onProgress: (question, progress) => onEvent({ kind: 'contest', question, progress }),
  });
  const answer = describeInvestigation(investigation, parts);
  const times = describeTimes(run, listTimes(investigation));
  const head = { source, rows: count, unknown: listUnknown(tracks), times };
  // Loaded where it is used: figures take longer to load than a song to explain.
  const { renderInvestigation } = await import('../report/pages/investigation.ts');
  const page = renderInvestigation(investigation, answer, head, parts);
  const data = summariseData(run);
  const { omitted } = parts;
  return {
    results: { data, ...investigation, findings: leaveTimes(investigation), answer, omitted },
    document: { run: files.path, data, ...investigation, answer, omitted },
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
export const investigationSteps: ContestSteps<PlannedInquiries> = {
  command: 'investigate',
  defaults: { tune: 0, repeats: fullSize.repeats },
  plan: planStudy,
  work: holdStudy,
};

type Answer = ReturnType<typeof describeInvestigation>;

/** The answer as text of lines that a terminal can show. */
function formatAnswer(answer: Answer): string {
  const parts = answer.map(
    ({ title, sentences }) => `${title}\n${sentences.map((text) => wrapText(text, '- ')).join('\n')}`,
  );
  return `${parts.join('\n\n')}\n`;
}
