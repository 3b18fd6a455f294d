import type { ModelResult } from '@hitscan/core/evaluate';
import type { PipelineEvent, RunStore } from '@hitscan/core/pipeline';
import { isFinished, type Trial, toValue } from '@hitscan/core/tune';
import {
  type EventRun,
  encodeEvents,
  eventFileName,
  type HyperparameterValue,
  type ScalarSeries,
} from './eventFile.ts';

/** Settings as TensorBoard takes them: what is no plain value is left out. */
function selectPlain(settings: Readonly<Record<string, unknown>>): Record<string, HyperparameterValue> {
  const plain = Object.entries(settings).filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value));
  return Object.fromEntries(plain) as Record<string, HyperparameterValue>;
}

/** A model's losses by epoch, and its errors on the test rows. */
export function listScalars({ name, history, test }: ModelResult): ScalarSeries[] {
  const validation = history.flatMap(({ epoch, validationLoss }) =>
    validationLoss === null ? [] : [[epoch, validationLoss] as const],
  );
  const curves = [
    { tag: `${name}/train loss`, values: history.map(({ epoch, trainLoss }) => [epoch, trainLoss] as const) },
    { tag: `${name}/validation loss`, values: validation },
  ];
  const errors = [
    { tag: `${name}/test MSE`, values: [[0, test.mse] as const] },
    { tag: `${name}/test MAE`, values: [[0, test.mae] as const] },
  ];
  return [...curves.filter(({ values }) => values.length > 0), ...errors];
}

/** A run's losses, errors and settings as an event file for TensorBoard. */
function makeRunEvents({
  started,
  models,
  settings,
}: {
  readonly started: Date;
  readonly models: readonly ModelResult[];
  readonly settings: Readonly<Record<string, unknown>>;
}): { readonly name: string; readonly bytes: Uint8Array } {
  const events: EventRun = {
    started,
    ended: new Date(),
    succeeded: true,
    group: 'run',
    hyperparameters: selectPlain(settings),
    scalars: models.flatMap(listScalars),
  };
  return { name: eventFileName, bytes: encodeEvents(events) };
}

/** Writes a trial that has ended, in a folder of its own, as TensorBoard takes every folder for a run. */
function writeTrialEvents(run: RunStore, trial: Trial): void {
  const { number, state, started, ended, intermediate, values, parameters } = trial;
  const error = values === null ? [] : [{ tag: 'error', values: [[0, values[0]] as const] }];
  const events: EventRun = {
    started: started ?? new Date(),
    ended: ended ?? new Date(),
    succeeded: state === 'complete' || state === 'pruned',
    group: `trial ${number}`,
    hyperparameters: selectPlain(
      Object.fromEntries(
        [...parameters].map(([name, { distribution, internal }]) => [name, toValue(distribution, internal)]),
      ),
    ),
    scalars: [{ tag: 'error by epoch', values: [...intermediate] }, ...error].filter(({ values }) => values.length > 0),
  };
  run.write(trialFile(trial), encodeEvents(events));
}

/** Writes the trials that have ended and of which there are no events. */
function writeMissingEvents(run: RunStore, trials: readonly Trial[]): void {
  for (const trial of trials) {
    if (isFinished(trial.state) && !run.has(trialFile(trial))) writeTrialEvents(run, trial);
  }
}

function trialFile({ number }: Trial): string {
  return `trials/${number}/${eventFileName}`;
}

/** Writes what happens in a run as event files for TensorBoard: one for each trial, and one for the run. */
export function writeEvents(run: RunStore, started: Date): (event: PipelineEvent) => void {
  return (event) => {
    if (event.kind === 'trial') writeTrialEvents(run, event.trial);
    // A kill may have come after a trial's end and before its events. Of a shared study, others may have run it.
    if (event.kind === 'searched' && !event.shared) writeMissingEvents(run, event.study.trials);
    if (event.kind === 'measured') {
      const { name, bytes } = makeRunEvents({ ...event, started });
      run.write(name, bytes);
    }
  };
}
