import { type ModelSummaries, type SummaryOptions, summariseModels } from '../compare/summariseModels.ts';
import { countIdleParameters, type IdleParameters } from '../models/idleParameters.ts';
import type { MambaSettings } from '../models/mambaSettings.ts';
import type { Parts } from '../parts.ts';
import { groupCatalogues, namesArtists } from '../tracks/repeats.ts';
import type { Tracks } from '../tracks/tracks.ts';
import {
  correlateWithEra,
  type EraCorrelations,
  type LabelNoise,
  measureLabelNoise,
  measureRowOrder,
  noEraCorrelations,
  noLabelNoise,
  noRowOrder,
  type RowOrder,
} from './confounds.ts';
import type { Contestant } from './contestant.ts';
import { type Inquiry, type InquiryName, type InvestigationSize, planInvestigation } from './inquiries.ts';
import { type Protocol, planProtocol } from './protocols.ts';
import {
  type ContestEntry,
  type ContestOptions,
  type ContestProgress,
  type OutcomeStore,
  runContest,
} from './runContest.ts';

/** What one inquiry found. */
export interface Finding {
  /** What was held out, for people. */
  readonly note: string;
  readonly standings: ModelSummaries;
  /** Mean wall time of a fit, by name. */
  readonly seconds: Record<string, number>;
  /** R² with a share of the test songs' values masked, for those contestants that were asked. */
  readonly withHidden: readonly { readonly name: string; readonly share: number; readonly r2: number | null }[];
}

/** All that the study found; plain data. A finding is null where the data do not allow the question. */
export interface Investigation {
  readonly idle: IdleParameters;
  readonly rowOrder: RowOrder;
  readonly disagreement: LabelNoise;
  readonly era: EraCorrelations;
  readonly findings: Readonly<Record<InquiryName, Finding | null>>;
}

/** A question with the songs that are held out to answer it; null where the songs do not allow it. */
export type PlannedInquiries = readonly { readonly name: InquiryName; readonly asked: AskedInquiry | null }[];

interface AskedInquiry {
  readonly inquiry: Inquiry;
  readonly protocol: Protocol;
}

export interface InvestigateOptions {
  readonly seed: number;
  readonly deterministic: boolean;
  readonly jobs: number;
  readonly startThread: ContestOptions['startThread'];
  readonly store: OutcomeStore;
  readonly signal: AbortSignal;
  readonly parts: Parts;
  onProgress?(what: InquiryName, progress: ContestProgress): void;
}

/** Plans what every inquiry holds out. Throws: DataError where there are too few songs. */
export function planInquiries(
  tracks: Tracks,
  {
    settings,
    size,
    seed,
  }: { readonly settings: MambaSettings; readonly size: InvestigationSize; readonly seed: number },
): PlannedInquiries {
  return planInvestigation(settings, size).map((planned) => {
    const inquiry = fitToData(planned, tracks);
    const protocol = inquiry && planProtocol(tracks, { ...inquiry.protocol, seed });
    return { name: planned.name, asked: inquiry && protocol && { inquiry, protocol } };
  });
}

/** Fits of one protocol are shared by all inquiries that use it. */
function shareFits(store: OutcomeStore, { protocol: { name, folds } }: Inquiry): OutcomeStore {
  const prefix = `${name}-${folds}/`;
  return {
    refuse: (key, rule) => store.refuse(prefix + key, rule),
    load: (key) => store.load(prefix + key),
    save: (key, outcome) => store.save(prefix + key, outcome),
  };
}

/** Songs without artists leave out what asks for them. */
function fitToData(inquiry: Inquiry, tracks: Tracks): Inquiry | null {
  if (namesArtists(tracks)) return inquiry;
  if (inquiry.name === 'artists') return null;
  // Without artists their folds are folds of songs.
  if (inquiry.protocol.name === 'artist') return { ...inquiry, protocol: { ...inquiry.protocol, name: 'kfold' } };
  const asksForArtist = ({ model, context }: Contestant) => model === 'artist' || context.includes('artist');
  return { ...inquiry, contestants: inquiry.contestants.filter((contestant) => !asksForArtist(contestant)) };
}

function describeFinding(
  inquiry: Inquiry,
  entries: readonly ContestEntry[],
  { note, ...options }: SummaryOptions & { readonly note: string },
): Finding {
  const hidden = entries.flatMap(({ withHidden }, i) => {
    if (withHidden.length === 0) return [];
    const { models } = summariseModels(withHidden, options);
    const { name, maskedShares: shares } = inquiry.contestants[i];
    return models.map(({ r2 }, k) => ({ name, share: shares[k], r2: r2?.mean ?? null }));
  });
  return {
    note,
    standings: summariseModels(entries, { ...options, ...inquiry.plan }),
    seconds: Object.fromEntries(entries.map(({ name, seconds }) => [name, seconds])),
    withHidden: hidden,
  };
}

/**
 * Runs the study: contests first to last, then the figures that need no model. Fits are kept in the store as they come.
 * Throws: `signal.reason` when interrupted.
 */
export async function investigateTies(
  tracks: Tracks,
  planned: PlannedInquiries,
  options: InvestigateOptions,
): Promise<Investigation> {
  const { seed, deterministic, jobs, startThread, store, signal, parts, onProgress } = options;
  const clusters = groupCatalogues(tracks);
  const findings: Partial<Record<InquiryName, Finding | null>> = {};
  for (const { name, asked } of planned) {
    if (!asked) {
      findings[name] = null;
      continue;
    }
    const { inquiry, protocol } = asked;
    const entries = await runContest(
      { tracks, parts: protocol.parts, contestants: inquiry.contestants, seed, deterministic },
      {
        jobs,
        startThread,
        store: shareFits(store, inquiry),
        signal,
        onProgress: (progress) => onProgress?.(name, progress),
      },
    );
    findings[name] = parts.attempt(`finding: ${name}`, null, () =>
      describeFinding(inquiry, entries, { clusters, artists: tracks.artist, seed, note: protocol.note }),
    );
  }
  return {
    idle: await parts.attemptLater('idle parameters', { block: [], head: [] }, countIdleParameters),
    rowOrder: parts.attempt('order of the rows', noRowOrder, () => measureRowOrder(tracks, seed)),
    disagreement: parts.attempt('disagreement of repeats', noLabelNoise, () => measureLabelNoise(tracks)),
    era: parts.attempt('correlations with the era', noEraCorrelations, () => correlateWithEra(tracks)),
    findings: findings as Investigation['findings'],
  };
}
