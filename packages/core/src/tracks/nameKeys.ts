/** Longest name whose suffixes are looked at; titles are far shorter, and the patterns below may backtrack. */
const longestName = 1000;

/**
 * Folds what spelling varies in: width and ligatures (NFKC), case, accents of Latin, Greek and Cyrillic, apostrophes
 * and full stops, `&` for `and`, any other punctuation and blanks. Symbols such as `$` and `+` count as letters.
 */
export function foldName(name: string): string {
  const plain = name
    .normalize('NFKC')
    // Upper case first: it turns ß into SS.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    // Only these accents: the marks of Indic, Thai or Japanese letters tell words apart.
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
  const folded = plain
    .replace(/&/g, ' and ')
    .replace(/['’‘ʼ`.]/g, '')
    .replace(/[^\p{L}\p{N}\p{M}\p{S}]+/gu, ' ')
    .trim();
  // A name of punctuation alone ("???", "…") is still a name.
  return folded === '' ? plain.replace(/\s+/g, ' ').trim() : folded;
}

/** Words that may stand in a note on the edition, beside years and ordinals. */
const editionWords = new Set(
  'the a re digital digitally remaster remastered radio edit version edition album single original mono stereo mix explicit bonus track lp deluxe anniversary'.split(
    ' ',
  ),
);

/** At least one of these makes a note on the edition; "Original" or "1999" alone may be a part of the title. */
const decidingWords = /^(remaster|remastered|edit|version|mono|stereo|explicit|bonus|deluxe|anniversary)$/;

/** Live, remix, acoustic, demo, instrumental and re-recorded versions are other recordings: their words are not listed. */
function isEditionNote(note: string): boolean {
  const words = note.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const known = words.every((word) => editionWords.has(word) || /^((19|20)\d\d|\d+(st|nd|rd|th))$/.test(word));
  return known && (words.some((word) => decidingWords.test(word)) || /^original mix$/.test(words.join(' ')));
}

/** Guests in brackets anywhere, or after the title without brackets. */
const guestsInBrackets = /\s*[([{]\s*(?:feat\.?|ft\.?|featuring)\s[^()[\]{}]*[)\]}]/g;
const guestsAfter = /\s(?:feat\.|ft\.|featuring)\s.*$/;

/** A last note in brackets or after a dash. */
function splitLastNote(title: string): { base: string; note: string } | null {
  const dash = Math.max(...[' - ', ' – ', ' — '].map((mark) => title.lastIndexOf(mark)));
  const closing = /[)\]}]$/.test(title);
  const bracket = closing ? Math.max(...['(', '[', '{'].map((mark) => title.lastIndexOf(mark))) : -1;
  const cut = Math.max(dash, bracket);
  if (cut <= 0) return null;
  return { base: title.slice(0, cut).trim(), note: title.slice(cut + 1).replace(/[)\]}]$/, '') };
}

/**
 * A title as a key: folded, without guests (`feat. …`) and without notes on the edition of the same recording
 * (`(Remastered 2011)`, `- Radio Edit`, `[Mono]`). Empty for an empty title.
 */
export function titleKey(title: string): string {
  let base = title.normalize('NFKC').toLowerCase().trim();
  if (base.length > longestName) return foldName(title);
  base = base.replace(guestsInBrackets, '').trim() || base;
  for (let split = splitLastNote(base); split !== null; split = splitLastNote(base)) {
    if (!isEditionNote(split.note)) break;
    base = split.base;
  }
  return foldName(base.replace(guestsAfter, '') || base);
}

/** The first artist of a field that may name several: `A feat. B`, `A;B`, `['A', 'B']`. Commas and `&` belong to names. */
function firstArtist(field: string): string {
  const listed = /^\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/.exec(field);
  if (listed) return listed[1] ?? listed[2];
  return field.replace(/\s*;.*$/s, '').replace(/\s[([]?(?:feat\.?|ft\.|featuring)\s.*$/is, '');
}

/** The primary artist as a key, folded. Empty for an empty field. */
export function artistKey(field: string): string {
  return foldName(field.length > longestName ? field : firstArtist(field.trim()) || field);
}
