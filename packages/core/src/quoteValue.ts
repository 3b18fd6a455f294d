/** Longest quotation of a value in a message, in characters. */
const longestQuote = 40;

/** Longest file name in a message; a file system allows 255 bytes. */
const longestName = 100;

/**
 * What would break a line, move the cursor or reorder text in a terminal: controls, format characters such as
 * bidirectional overrides, lone surrogates, line and paragraph separators.
 */
const harmful = /[\p{C}\p{Zl}\p{Zp}]/gu;

function escapeHarmful(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}

/** Text on one line and harmless in a terminal: a message, or a path to be shown. */
export function showLine(text: string): string {
  return text.replace(harmful, escapeHarmful);
}

/** Text of several lines, each harmless in a terminal; lines end with `\n`. */
export function showText(text: string): string {
  return text.split('\n').map(showLine).join('\n');
}

function escapeCharacter(character: string): string {
  return character === '"' || character === '\\' ? `\\${character}` : showLine(character);
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

/** The last part of a path: a file's name without its folder. Backslashes part the paths of Windows alone. */
export function baseName(path: string): string {
  const parts = /^([a-z]:|\\\\)/i.test(path) ? path.split(/[\\/]/) : path.split('/');
  return parts.findLast((part) => part !== '') ?? '';
}

/** A file's name without its folder, on one line and harmless in a terminal. */
export function fileName(path: string): string {
  return escapeText(baseName(path), longestName);
}

/**
 * A document as JSON in which a file's text is harmless in a terminal: escaped, and read as the same again. On one line
 * unless it is to be indented.
 */
export function formatJson(document: unknown, indent = 0): string {
  const escapeUnits = (text: string) =>
    text.replace(harmful, (character) =>
      Array.from({ length: character.length }, (_, i) => {
        return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
      }).join(''),
    );
  return JSON.stringify(document, null, indent).split('\n').map(escapeUnits).join('\n');
}
