import { z } from 'zod';

/** What grows a random forest. */
export const forestSettingsSchema = z.strictObject({
  trees: z.int().min(1).max(5000).describe('trees whose predictions are averaged'),
  minimumLeaf: z.int().min(1).nullable().describe('fewest rows in a leaf; null for 5, and more for large tables'),
  featureShare: z.number().gt(0).max(1).describe('share of the columns that compete for a split'),
});
export type ForestSettings = z.infer<typeof forestSettingsSchema>;

export const forestDefaults: ForestSettings = { trees: 300, minimumLeaf: null, featureShare: 1 / 3 };

/** What grows boosted trees; how many is found by folds of the training rows. */
export const boostedSettingsSchema = z.strictObject({
  learningRate: z.number().gt(0).max(1).describe('what a tree counts for'),
  maximumDepth: z.int().min(1).max(16).describe('splits from a tree’s root to its leaves, at most'),
  minimumLeaf: z.int().min(1).describe('fewest rows in a leaf'),
  rowShare: z.number().gt(0).max(1).describe('share of the rows that a tree is grown on'),
});
export type BoostedSettings = z.infer<typeof boostedSettingsSchema>;

export const boostedDefaults: BoostedSettings = {
  learningRate: 0.04,
  maximumDepth: 4,
  minimumLeaf: 20,
  rowShare: 0.5,
};
