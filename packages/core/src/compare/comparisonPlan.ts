/** Two models by name, in either order. */
export type Pair = readonly [string, string];

/** Why two models are compared: the question itself, another model against the reference, or exploration. */
export type Family = 'primary' | 'secondary' | 'exploratory';

/** Which comparisons are named before anything is measured. All other pairs are exploratory. */
export interface ComparisonPlan {
  /** The model that the others are compared with. */
  readonly reference: string;
  readonly primary: Pair | null;
  readonly secondary: readonly Pair[];
}

/** The model that others are compared with where it takes part: linear regression. */
export const comparisonReference = 'linear';

export interface PlanOptions {
  /** The model that is asked about: `mamba-tokens` where left out. */
  readonly own?: string;
  /** Linear regression where left out and where it takes part, else the first model. */
  readonly reference?: string;
  /** Pairs without the reference that are asked about, too. */
  readonly also?: readonly Pair[];
}

/**
 * The plan of a contest, which follows from who takes part and never from what is found. Mamba against linear regression is
 * the primary comparison, tested alone; the other models against the reference, and pairs named with them, are tested
 * together. Without linear regression as the reference nothing is primary.
 */
export function planComparisons(
  names: readonly string[],
  { own = 'mamba-tokens', reference: given, also = [] }: PlanOptions = {},
): ComparisonPlan {
  const reference = given ?? (names.includes(comparisonReference) ? comparisonReference : (names[0] ?? ''));
  const asks = reference === comparisonReference && own !== reference && names.includes(own);
  const others = names.filter((name) => name !== reference && !(asks && name === own));
  const known = also.filter((pair) => pair.every((name) => names.includes(name)) && !pair.includes(reference));
  return {
    reference,
    primary: asks ? [own, reference] : null,
    secondary: [...others.map((name): Pair => [name, reference]), ...known],
  };
}

const joins = (pair: Pair, a: string, b: string): boolean => pair.includes(a) && pair.includes(b);

export function findFamily({ primary, secondary }: ComparisonPlan, a: string, b: string): Family {
  if (primary && joins(primary, a, b)) return 'primary';
  return secondary.some((pair) => joins(pair, a, b)) ? 'secondary' : 'exploratory';
}
