import { ConfigError, Interrupted, UserError } from '@hitscan/core/errors';
import { showLine, showText } from '@hitscan/core/quoteValue';

/** Exit statuses, the same for every command. */
export const status = { done: 0, bug: 1, badInput: 2, interrupted: 130 } as const;

/** Does something and turns whatever it throws into a message and an exit status. */
export async function reportFailure(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write(`${showText(error.message)}\n`);
      process.exitCode = status.interrupted;
    } else if (error instanceof UserError || isKnownFailure(error)) {
      process.stderr.write(`hitscan: ${showLine((error as Error).message)}\n`);
      process.exitCode = status.badInput;
    } else {
      process.stderr.write(
        showText(`hitscan: this is a bug in hitscan, please report it\n${(error as Error)?.stack ?? error}\n`),
      );
      process.exitCode = status.bug;
    }
  }
}

/** Failures of the machine that a user can do something about, raised below this package. */
function isKnownFailure(error: unknown): boolean {
  const { code } = error as { code?: string };
  return ['ENOSPC', 'EACCES', 'EROFS', 'EPERM', 'EDQUOT', 'EISDIR', 'ENOTDIR'].includes(code ?? '');
}

/** A whole number, `least` or more, from an option's text. Throws: ConfigError. */
export function parseCount(option: string, least = 0): (text: string) => number {
  const rule = least === 0 ? 'must be a whole number' : `must be a whole number from ${least}`;
  return (text) => {
    if (!/^\d{1,15}$/.test(text) || Number(text) < least)
      throw new ConfigError(option, `${rule}, got ${JSON.stringify(text)}`);
    return Number(text);
  };
}

/** As a shell takes it. What is not harmless in a terminal stands as the octal numbers of its bytes, in `$'…'`. */
export function quoteArgument(text: string): string {
  if (/^[\w./-]+$/.test(text)) return text;
  if (showLine(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  const escapeBytes = (character: string) =>
    Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const escaped = Array.from(text, (character) =>
    /['\\]/.test(character) || showLine(character) !== character ? escapeBytes(character) : character,
  );
  return `$'${escaped.join('')}'`;
}
