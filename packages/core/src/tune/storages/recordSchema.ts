import { z } from 'zod';
import { isDistribution } from './distributionText.ts';
import { type JournalRecord, operations } from './journalRecord.ts';

/** With NaN and the infinities, which Python writes. */
const number = z.custom<number>((value) => typeof value === 'number', 'must be a number');
const id = z.int().min(0);
const text = z.string();
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time');
const attributes = z.record(text, z.unknown());
const state = z.int().min(0).max(4);
const author = { worker_id: text };
const ofStudy = { ...author, study_id: id };
const ofTrial = { ...author, trial_id: id };

/** What Optuna 3 … 5 need to find in a record, by its operation. `distribution`: of the text of one. */
function describeRecords(distribution: z.ZodType<string>): Readonly<Record<number, z.ZodType>> {
  const createdTrial = z
    .object({
      ...ofStudy,
      datetime_start: time.nullish(),
      datetime_complete: time.nullish(),
      state: state.optional(),
      value: number.nullish(),
      values: z.array(number).nullish(),
      distributions: z.record(text, distribution).optional(),
      params: z.record(text, number).optional(),
      user_attrs: attributes.optional(),
      system_attrs: attributes.optional(),
      intermediate_values: z.record(z.string().regex(/^-?\d+$/), number).optional(),
    })
    .refine(
      ({ params = {}, distributions = {} }) => Object.keys(params).every((name) => Object.hasOwn(distributions, name)),
      { path: ['distributions'], error: 'must have one for each of params' },
    );

  return {
    [operations.createStudy]: z.object({
      ...author,
      study_name: text,
      directions: z.array(z.int().min(0).max(2)).min(1),
    }),
    [operations.deleteStudy]: z.object(ofStudy),
    [operations.setStudyUserAttribute]: z.object({ ...ofStudy, user_attr: attributes }),
    [operations.setStudySystemAttribute]: z.object({ ...ofStudy, system_attr: attributes }),
    [operations.createTrial]: createdTrial,
    [operations.setParameter]: z.object({ ...ofTrial, param_name: text, param_value_internal: number, distribution }),
    [operations.setState]: z.object({
      ...ofTrial,
      state,
      values: z.array(number).nullish(),
      datetime_start: time.nullish(),
      datetime_complete: time.nullish(),
    }),
    [operations.setIntermediate]: z.object({ ...ofTrial, step: z.int(), intermediate_value: number }),
    [operations.setTrialUserAttribute]: z.object({ ...ofTrial, user_attr: attributes }),
    [operations.setTrialSystemAttribute]: z.object({ ...ofTrial, system_attr: attributes }),
    [operations.discardTrials]: z.object({}),
  };
}

/** The function that gives a record of Optuna's journals, or the rule that it breaks. */
export function createRecordCheck(): (record: object) => JournalRecord | { readonly broken: string } {
  // Texts repeat with every trial, and reading one takes longer than looking it up.
  const known = new Set<string>();
  const isKnown = (value: string): boolean => {
    if (!known.has(value) && isDistribution(value)) known.add(value);
    return known.has(value);
  };
  const schemas = describeRecords(text.refine(isKnown, 'must be a distribution of Optuna 3 to 5'));
  return (record) => {
    const { op_code: code } = record as { readonly op_code?: unknown };
    const schema = typeof code === 'number' && Object.hasOwn(schemas, code) ? schemas[code] : null;
    if (!schema) return { broken: `op_code must be a whole number from 0 to 10, got ${JSON.stringify(code)}` };
    const result = schema.safeParse(record);
    if (result.success) return record as JournalRecord;
    const [{ path, message }] = result.error.issues;
    return { broken: `${path.join('.')} (op_code ${code}): ${message.replace(/^Invalid input: /, '')}` };
  };
}
