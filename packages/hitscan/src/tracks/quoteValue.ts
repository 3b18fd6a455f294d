import { basename } from 'node:path';

/** Longest quotation of a value in a message, in characters. */
const longestQuote = 40;

/** Longest file name in a message; a file system allows 255 bytes. */
const longestName = 100;

/**
 * Escapes what would break a line, move the cursor or reorder text in a terminal: controls, format characters such as
 * bidirectional overrides, lone surrogates, line and paragraph separators.
 */
function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) return character;
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}

function escapeText(text: string, longest: number): string {
  let escaped = '';
  // By code point, and no further than needed: a cell may hold a megabyte.
  for (const character of text) {
    const next = escapeCharacter(character);
    if (escaped.length + next.length > longest) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}

/** A value from a file as messages show it: in double quotes, on one line, at most 40 characters, harmless in a terminal. */
export function quoteValue(text: string): string {
  return `"${escapeText(text, longestQuote)}"`;
}

/** A file's name without its folder, on one line and harmless in a terminal. */
export function fileName(path: string): string {
  return escapeText(basename(path), longestName);
}

/** A document as JSON on one line, in which a file's text is harmless in a terminal: escaped, and read as the same again. */
export function formatJson(document: unknown): string {
  return JSON.stringify(document).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
