import { UserError } from '@hitscan/core/errors';
import { expect } from 'vitest';

/** For tests: the one line with which some work is refused. */
export async function expectRefusal(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain('\n');
  return message;
}
