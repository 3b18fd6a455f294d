/** Of samplers and pruners, for options; they themselves load when they are needed. */
export const samplerNames = ['tpe', 'random', 'quasirandom', 'grid'] as const;
export type SamplerName = (typeof samplerNames)[number];

export const prunerNames = ['asha', 'hyperband', 'median', 'wilcoxon', 'none'] as const;
export type PrunerName = (typeof prunerNames)[number];
