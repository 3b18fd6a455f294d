/** Letters of a text that are compared; longer texts are no names. */
const mostLetters = 100;

/** Each letter with the one after it; the last alone, so that a single letter is something to compare. */
function listBigrams(text: string): Set<string> {
  const letters = Array.from(text.toLowerCase().slice(0, mostLetters));
  return new Set(letters.map((letter, i) => letter + (letters[i + 1] ?? '')));
}

/**
 * How alike two names are, whatever the case of their letters: the Sørensen–Dice coefficient of their sets of bigrams, 0 to 1.
 * Source: Dice 1945, "Measures of the amount of ecologic association between species".
 */
export function measureSimilarity(a: string, b: string): number {
  const [left, right] = [listBigrams(a), listBigrams(b)];
  const all = left.size + right.size;
  return all === 0 ? 0 : (2 * left.intersection(right).size) / all;
}

/** The name that is most like the wanted one, the first of equally similar ones; null where there is none. */
export function findMostSimilar<Name extends string>(
  wanted: string,
  names: readonly Name[],
): { readonly name: Name; readonly similarity: number } | null {
  let best: { readonly name: Name; readonly similarity: number } | null = null;
  for (const name of names) {
    const similarity = measureSimilarity(wanted, name);
    if (!best || similarity > best.similarity) best = { name, similarity };
  }
  return best;
}
