import type { ContextGroup } from '../features/context.ts';
import type { MambaSettings } from '../models/mambaSettings.ts';

/** `mamba-tokens` with other settings, as the study compares it with the model itself. */
export interface TokensVariant {
  /** Of the contestant: `tokens, 2 blocks`. */
  readonly name: string;
  /** What differs: `2 blocks`. */
  readonly label: string;
  readonly settings: Partial<MambaSettings>;
}

const makeVariant = (label: string, settings: Partial<MambaSettings>): TokensVariant => {
  return { name: `tokens, ${label}`, label, settings };
};

/** Without one or both of the places where features meet. Without either, each feature adds a curve of its own. */
export const partVariants = {
  withoutEither: makeVariant('without either', { layers: 0, summary: false }),
  withoutSummary: makeVariant('without the summary', { summary: false }),
  withoutBlocks: makeVariant('without blocks', { layers: 0 }),
} as const;

/** One setting changed at a time. */
export const settingVariants: readonly TokensVariant[] = [
  makeVariant('2 blocks', { layers: 2 }),
  makeVariant('4 blocks', { layers: 4 }),
  makeVariant('state of 16', { dState: 16 }),
  makeVariant('state of 64', { dState: 64 }),
  makeVariant('free categories', { categorySpread: 1 }),
  makeVariant('both directions', { bidirectional: true }),
];

/** Other orders of the tokens: reversed, and so many at random. */
export function listOrderVariants(random: number): readonly TokensVariant[] {
  return [
    makeVariant('reversed order', { order: 'reversed' }),
    ...Array.from({ length: random }, (_, i) => makeVariant(`random order ${i + 1}`, { order: `random ${i + 1}` })),
  ];
}

/** Contexts that models are given beside audio, the smallest first, and the models that are given them. */
export const contexts: readonly (readonly ContextGroup[])[] = [['artist'], ['era'], ['artist', 'era']];
export const contextModels = ['linear', 'forest', 'mamba-tokens'] as const;

/** The name of a contestant with a context: `linear + artist + era`. */
export function nameWithContext(model: (typeof contextModels)[number], context: readonly ContextGroup[]): string {
  return [model, ...context].join(' + ');
}
