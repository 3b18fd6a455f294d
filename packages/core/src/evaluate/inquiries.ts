import type { Pair, PlanOptions } from '../compare/comparisonPlan.ts';
import type { ContextGroup } from '../features/context.ts';
import type { MambaSettings } from '../models/mambaSettings.ts';
import type { ModelName } from '../optionNames.ts';
import { type Contestant, makeContestant } from './contestant.ts';
import type { ProtocolOptions } from './protocols.ts';
import {
  contextModels,
  contexts,
  listOrderVariants,
  nameWithContext,
  partVariants,
  settingVariants,
  type TokensVariant,
} from './variants.ts';

/** One question of the study: who takes part, and under which protocol. */
export interface Inquiry {
  readonly name: InquiryName;
  readonly protocol: Pick<ProtocolOptions, 'name' | 'folds' | 'repeats'>;
  readonly contestants: readonly Contestant[];
  /** What is compared with what, where it is not Mamba over tokens and the others with linear regression. */
  readonly plan?: PlanOptions;
}

export const inquiryNames = ['seed', 'question', 'parts', 'audio', 'tokens', 'artists', 'time', 'context'] as const;
export type InquiryName = (typeof inquiryNames)[number];

/** How large the study is. */
export interface InvestigationSize {
  /** Random splits on which the seed's network is compared with linear regression. */
  readonly splits: number;
  readonly folds: number;
  readonly repeats: number;
  /** The same for the question that decides. */
  readonly questionRepeats: number;
  /** Random orders of the tokens. */
  readonly orders: number;
}

export const fullSize: InvestigationSize = { splits: 20, folds: 5, repeats: 2, questionRepeats: 5, orders: 5 };

/** Shares of the values that are masked from models that were trained on whole songs. */
const maskedShares = [0.1, 0.3, 0.5] as const;

/**
 * The study of why Mamba and linear regression tie, as contests: the seed's network against linear regression; Mamba over
 * tokens against it; which of its parts matters; what any model gets out of the audio features; other forms of Mamba; the same
 * for new artists, for newer songs, and with what is not audio.
 */
export function planInvestigation(base: MambaSettings, size: InvestigationSize): readonly Inquiry[] {
  const { splits, folds, repeats, orders } = size;
  const tokens = makeContestant('mamba-tokens', { settings: base });
  const kfold = { name: 'kfold', folds, repeats } as const;
  const plain = (...models: readonly ModelName[]) => models.map((model) => makeContestant(model));
  const vary = ({ name, settings }: TokensVariant) =>
    makeContestant('mamba-tokens', { name, settings: { ...base, ...settings } });
  const { withoutEither, withoutSummary, withoutBlocks } = partVariants;
  const withContext = (context: readonly ContextGroup[]) =>
    contextModels.map((model) =>
      makeContestant(model, {
        name: nameWithContext(model, context),
        context,
        settings: model === 'mamba-tokens' ? base : {},
      }),
    );
  return [
    {
      name: 'seed',
      protocol: { name: 'holdout', folds: 1, repeats: splits },
      contestants: plain('linear', 'mamba-seed'),
      plan: { own: 'mamba-seed' },
    },
    {
      // Asked beforehand and by itself, so that no other comparison makes its answer less sure.
      name: 'question',
      protocol: { name: 'artist', folds, repeats: size.questionRepeats },
      contestants: [...plain('linear'), tokens],
    },
    {
      name: 'parts',
      protocol: { name: 'artist', folds, repeats: size.questionRepeats },
      contestants: [...plain('linear'), ...[withoutEither, withoutSummary, withoutBlocks].map(vary), tokens],
      plan: {
        also: [
          [withoutSummary.name, withoutEither.name],
          ['mamba-tokens', withoutEither.name],
          ['mamba-tokens', withoutBlocks.name],
        ],
      },
    },
    {
      name: 'audio',
      protocol: kfold,
      contestants: [
        ...plain('mean', 'linear', 'ridge-quadratic', 'neighbours', 'forest', 'boosted').map((contestant) =>
          ['linear', 'forest'].includes(contestant.name) ? { ...contestant, maskedShares } : contestant,
        ),
        { ...tokens, maskedShares },
        ...plain('era', 'artist'),
      ],
      plan: { also: [['mamba-tokens', 'forest']] },
    },
    {
      name: 'tokens',
      protocol: { ...kfold, repeats: 1 },
      contestants: [makeContestant('linear'), tokens, ...[...settingVariants, ...listOrderVariants(orders)].map(vary)],
      plan: { reference: 'mamba-tokens' },
    },
    {
      name: 'artists',
      protocol: { name: 'artist', folds, repeats },
      contestants: [...plain('mean', 'linear', 'forest'), tokens],
    },
    {
      name: 'time',
      protocol: { name: 'time', folds: 4, repeats: 1 },
      contestants: [...plain('mean', 'linear', 'forest'), tokens],
    },
    {
      name: 'context',
      protocol: kfold,
      contestants: [makeContestant('linear'), ...contexts.flatMap(withContext)],
      plan: {
        also: contexts.map(
          (context): Pair => [nameWithContext('mamba-tokens', context), nameWithContext('linear', context)],
        ),
      },
    },
  ];
}
