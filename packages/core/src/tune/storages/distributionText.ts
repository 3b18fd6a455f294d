import { z } from 'zod';
import { DataError } from '../../errors.ts';
import { quoteValue } from '../../quoteValue.ts';
import type { Choice, Distribution } from '../distributions.ts';
import type { Json } from '../trial.ts';
import { asFloat, formatPythonJson, type PythonValue, parsePythonJson } from './pythonJson.ts';

/** Optuna's JSON text for a distribution, which journals and databases hold. */
export function formatDistribution(distribution: Distribution): string {
  return formatPythonJson({ name: optunaNames[distribution.kind], attributes: listAttributes(distribution) }, 'spaced');
}

const optunaNames = {
  float: 'FloatDistribution',
  int: 'IntDistribution',
  categorical: 'CategoricalDistribution',
} as const;

/** In the order in which Optuna 5 writes them, so that the texts are equal. */
function listAttributes(distribution: Distribution): PythonValue {
  switch (distribution.kind) {
    case 'float': {
      const { low, high, log, step } = distribution;
      const stepFloat = step === null ? null : asFloat(step);
      return { step: stepFloat, low: asFloat(low), high: asFloat(high), log };
    }
    case 'int': {
      const { low, high, log, step } = distribution;
      return { log, step, low, high };
    }
    case 'categorical':
      return { choices: distribution.choices };
  }
}

const choice = z.custom<Choice>((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value));

const textSchema = z.discriminatedUnion('name', [
  z.object({
    name: z.literal(optunaNames.float),
    attributes: z.object({
      low: z.number(),
      high: z.number(),
      log: z.boolean().default(false),
      step: z.number().nullish(),
    }),
  }),
  z.object({
    name: z.literal(optunaNames.int),
    attributes: z.object({ low: z.int(), high: z.int(), log: z.boolean().default(false), step: z.int().default(1) }),
  }),
  z.object({ name: z.literal(optunaNames.categorical), attributes: z.object({ choices: z.array(choice).min(1) }) }),
]);

/**
 * A distribution from Optuna's JSON text. Knows the three kinds that Optuna 3 … 5 write.
 *
 * Throws: DataError.
 */
export function parseDistribution(text: string): Distribution {
  const distribution = readDistribution(text);
  if (!distribution) throw new DataError('distribution', `must be one of Optuna 3 to 5, got ${quoteValue(text)}`);
  return distribution;
}

/** Whether a text is that of a distribution. */
export function isDistribution(text: string): boolean {
  return readDistribution(text) !== null;
}

function readDistribution(text: string): Distribution | null {
  const result = textSchema.safeParse(parseJson(text));
  if (!result.success) return null;
  const { name, attributes } = result.data;
  if (name === optunaNames.float) return { kind: 'float', ...attributes, step: attributes.step ?? null };
  if (name === optunaNames.int) return { kind: 'int', ...attributes };
  return { kind: 'categorical', choices: attributes.choices };
}

function parseJson(text: string): Json | undefined {
  try {
    return parsePythonJson(text);
  } catch {
    return undefined;
  }
}

/**
 * Why a parameter of a study cannot change from one distribution to another, null where it can: ranges may move, kinds,
 * scales and choices may not. Optuna's rule, which samplers build on.
 */
export function findIncompatibility(before: Distribution, after: Distribution): string | null {
  if (before.kind !== after.kind) return `must remain ${before.kind}, got ${after.kind}`;
  if (before.kind === 'categorical' && after.kind === 'categorical') {
    const [old, now] = [JSON.stringify(before.choices), JSON.stringify(after.choices)];
    return old === now ? null : `must keep the choices ${old}, got ${now}`;
  }
  if (before.kind !== 'categorical' && after.kind !== 'categorical' && before.log !== after.log)
    return `must keep log: ${before.log}, got log: ${after.log}`;
  return null;
}
