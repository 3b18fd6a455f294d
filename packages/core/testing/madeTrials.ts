import type { Distribution } from '../src/tune/distributions.ts';
import type { Trial, TrialState } from '../src/tune/trial.ts';
import { makeRandom } from './madeTracks.ts';

/** For tests: how a study differs from the usual one. */
export interface StudyChange {
  readonly trials?: number;
  /** The state of a trial that would be complete. */
  readonly stateOf?: (number: number) => TrialState;
  readonly parameters?: Readonly<Record<string, Distribution>>;
  /** Values beside the error. */
  readonly objectives?: number;
}

export const madeSpace: Readonly<Record<string, Distribution>> = {
  learningRate: { kind: 'float', low: 5e-4, high: 1e-2, log: true, step: null },
  weightDecay: { kind: 'float', low: 1e-3, high: 0.5, log: true, step: null },
  dropout: { kind: 'float', low: 0, high: 0.5, log: false, step: 0.05 },
  layers: { kind: 'int', low: 1, high: 4, log: false, step: 1 },
  bins: { kind: 'int', low: 4, high: 32, log: false, step: 4 },
  pooling: { kind: 'categorical', choices: ['mean', 'last', 'cls'] },
  loss: { kind: 'categorical', choices: ['meanSquaredError', 'huber'] },
};

const epochs = 30;

/** For tests: trials of three folds; the error is least at a learning rate of 0.002, low dropout and pooling `mean`. */
export function makeTrials(change: StudyChange = {}): Trial[] {
  const { trials = 40, stateOf = (i) => (i % 7 === 3 ? 'pruned' : i % 13 === 5 ? 'fail' : 'complete') } = change;
  const { parameters: space = madeSpace, objectives = 1 } = change;
  const random = makeRandom(5);
  let clock = Date.UTC(2026, 0, 2, 12);
  return Array.from({ length: trials }, (_, number): Trial => {
    const parameters = new Map(
      Object.entries(space).map(([name, distribution]) => [
        name,
        { distribution, internal: draw(distribution, random()) },
      ]),
    );
    const share = (name: string) => {
      const parameter = parameters.get(name);
      return parameter ? shareOf(parameter.distribution, parameter.internal) : 0.5;
    };
    const away = (share('learningRate') - 0.46) ** 2 * 60 + share('dropout') * 3 + (share('pooling') > 0.4 ? 2 : 0);
    const error = 236 + away + 2 * random() + (number === 9 ? 900 : 0);
    const state = stateOf(number);
    const seconds = 4 + 20 * share('layers') + 3 * random();
    const steps = state === 'pruned' ? 8 + Math.floor(40 * random()) : state === 'fail' ? 5 : 3 * epochs;
    const intermediate = new Map(
      Array.from({ length: steps }, (_, step) => {
        const value = error + 160 * Math.exp(-(step % epochs) / 4) * (step < epochs ? 1 : 0.4) + 3 * random();
        return [step, state === 'fail' ? Number.NaN : value];
      }),
    );
    const started = new Date(clock);
    const took = (seconds * steps) / (3 * epochs);
    const ended = state === 'running' || state === 'waiting' ? null : new Date(clock + 1000 * took);
    clock += 500 * took + (number === 20 ? 3.6e6 : 0);
    const others = Array.from({ length: objectives - 1 }, (_, i) => took * (i + 1));
    const last = [...intermediate.values()].at(-1) as number;
    return {
      id: number,
      number,
      state,
      values: state === 'complete' ? [error, ...others] : state === 'pruned' ? [last] : null,
      parameters: state === 'waiting' ? new Map() : parameters,
      intermediate: state === 'waiting' ? new Map() : intermediate,
      userAttributes: state === 'complete' ? { seconds: took } : {},
      systemAttributes: {},
      started: state === 'waiting' ? null : started,
      ended,
    };
  });
}

function draw(distribution: Distribution, share: number): number {
  if (distribution.kind === 'categorical') return Math.floor(share * distribution.choices.length);
  const { low, high, log, step } = distribution;
  if (log) return low * (high / low) ** share;
  return step === null
    ? low + share * (high - low)
    : low + step * Math.floor(share * (Math.round((high - low) / step) + 1));
}

function shareOf(distribution: Distribution, internal: number): number {
  if (distribution.kind === 'categorical') return internal / Math.max(1, distribution.choices.length - 1);
  const { low, high, log } = distribution;
  if (low === high) return 0.5;
  return log ? Math.log(internal / low) / Math.log(high / low) : (internal - low) / (high - low);
}
