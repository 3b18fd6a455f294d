import { ConfigError, UserError } from '../errors.ts';
import { Interrupted } from './interrupt.ts';

/** Exit statuses, the same for every command. */
export const status = { done: 0, bug: 1, badInput: 2, interrupted: 130 } as const;

/** One line whatever a message holds: a file's contents may be quoted in it. */
export function toLine(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return message.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

/** Runs a command and turns whatever it throws into a message and an exit status. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = status.interrupted;
    } else if (error instanceof UserError || isKnownFailure(error)) {
      process.stderr.write(`hitscan: ${toLine((error as Error).message)}\n`);
      process.exitCode = status.badInput;
    } else {
      process.stderr.write(
        `hitscan: this is a bug in hitscan, please report it\n${(error as Error)?.stack ?? error}\n`,
      );
      process.exitCode = status.bug;
    }
  }
}

/** Failures of the machine or of training that a user can do something about, raised below this package. */
function isKnownFailure(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return name === 'DivergenceError' || ['ENOSPC', 'EACCES', 'EROFS', 'EPERM', 'EDQUOT'].includes(code ?? '');
}

/** A whole number from an option's text. Throws: ConfigError. */
export function parseCount(option: string): (text: string) => number {
  return (text) => {
    if (!/^\d{1,15}$/.test(text)) throw new ConfigError(option, `must be a whole number, got ${JSON.stringify(text)}`);
    return Number(text);
  };
}

/** As a shell takes it. */
export function quoteArgument(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
