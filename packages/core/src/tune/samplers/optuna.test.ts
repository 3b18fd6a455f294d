import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Distribution } from '../distributions.ts';
import type { Sampler } from '../sampler.ts';
import type { Attributes, Direction, StudyView, Trial, TrialParameter, TrialState } from '../trial.ts';
import { createRandomSampler } from './random.ts';
import { createTpeSampler } from './tpe.ts';

type Space = Readonly<Record<string, Distribution>>;
interface Event {
  readonly ask?: number;
  readonly drawn?: readonly [name: string, internal: number][];
  readonly tell?: number;
  readonly state?: TrialState;
  readonly values?: readonly number[];
  readonly value?: number;
  readonly report?: readonly [step: number, value: number | null];
}
interface Compact {
  readonly seed: number;
  readonly columns: string;
}
interface Several extends Compact {
  readonly directions: readonly Direction[];
}
interface Trace {
  readonly seed: number;
  readonly direction: Direction;
  readonly events: readonly Event[];
}
interface Golden {
  readonly spaces: Readonly<Record<'smooth' | 'mixed', Space>>;
  readonly tpe: Readonly<Record<'smooth' | 'mixed', readonly Compact[]>>;
  readonly random: Readonly<Record<'smooth' | 'mixed', readonly Compact[]>>;
  readonly several: readonly Several[];
  readonly conditional: readonly Trace[];
  readonly conditionalSpace: Space;
  readonly crowded: readonly Trace[];
}

/** What the real Optuna drew: scripts/golden/optunaSamplers.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('golden/optunaSamplers.json', import.meta.url), 'utf8'));

/** The trials of a trace that told every trial before it asked for the next, as events. */
function toEvents(space: Space, { columns }: Compact, objectives = 1): Event[] {
  const bytes = Uint8Array.from(Buffer.from(columns, 'base64'));
  const values = new Float64Array(bytes.buffer);
  const names = Object.keys(space);
  const trials = values.length / (names.length + objectives);
  return Array.from({ length: trials }, (_, t) => t).flatMap((t) => [
    { ask: t, drawn: names.map((name, i) => [name, values[i * trials + t]] as const) as [string, number][] },
    {
      tell: t,
      state: 'complete' as const,
      values: Array.from({ length: objectives }, (_, k) => values[(names.length + k) * trials + t]),
    },
  ]);
}

/** A study as a sampler sees it, which is told what happened by hand. */
function createScript(directions: readonly Direction[]) {
  const trials: Trial[] = [];
  const view: StudyView = { name: 'golden', directions, trials };
  return {
    view,
    begin(number: number): void {
      const none = { values: null, parameters: new Map(), intermediate: new Map(), userAttributes: {} };
      trials.push({ ...none, id: number, number, state: 'running', systemAttributes: {}, started: null, ended: null });
    },
    change(number: number, changes: Partial<Trial>): void {
      trials[number] = { ...trials[number], ...changes };
    },
  };
}

/** Plays a trace, and compares every draw; later draws follow from the recorded ones, so that errors do not add up. */
function replay(
  sampler: Sampler,
  space: Space,
  direction: Direction | readonly Direction[],
  events: readonly Event[],
): number {
  const { view, begin, change } = createScript([direction].flat());
  let compared = 0;
  for (const { ask, drawn = [], tell, state = 'fail', value, values, report } of events) {
    if (ask !== undefined) {
      begin(ask);
      const joint = sampler.drawJointly(view, view.trials[ask], sampler.inferJointSpace(view, view.trials[ask]));
      change(ask, { systemAttributes: joint.systemAttributes as Attributes });
      const parameters = new Map<string, TrialParameter>();
      for (const [name, expected] of drawn) {
        const distribution = space[name];
        const found: number = joint.values.get(name) ?? sampler.drawAlone(view, view.trials[ask], name, distribution);
        const error = Math.abs(found - expected) / Math.max(1e-300, Math.abs(expected));
        if (!(error <= 1e-9)) expect.fail(`trial ${ask}: ${name} is ${found} instead of ${expected}`);
        parameters.set(name, { distribution, internal: expected });
        change(ask, { parameters });
        compared++;
      }
    }
    if (tell !== undefined) {
      const intermediate = new Map(report ? [[report[0], report[1] ?? Number.NaN]] : []);
      change(tell, { state, intermediate, values: values ?? (value === undefined ? null : [value]) });
    }
  }
  return compared;
}

describe('TPE draws what Optuna 5.0 draws', () => {
  test.each(golden.tpe.smooth)('floats, logarithms and categories, seed $seed', (trace) => {
    const { smooth } = golden.spaces;
    expect(replay(createTpeSampler(trace), smooth, 'minimize', toEvents(smooth, trace))).toBe(900);
  });

  test.each(golden.tpe.mixed)('integers and steps, ties in their order, seed $seed', (trace) => {
    const { mixed } = golden.spaces;
    expect(replay(createTpeSampler(trace), mixed, 'minimize', toEvents(mixed, trace))).toBe(1500);
  });

  test.each(golden.several)('$directions.length objectives at once, seed $seed', (trace) => {
    const { smooth } = golden.spaces;
    const { directions } = trace;
    const trials = directions.length === 2 ? 300 : 200;
    expect(replay(createTpeSampler(trace), smooth, directions, toEvents(smooth, trace, directions.length))).toBe(
      3 * trials,
    );
  });

  test.each(golden.conditional)('a space that depends on what was drawn, seed $seed', (trace) => {
    expect(replay(createTpeSampler(trace), golden.conditionalSpace, trace.direction, trace.events)).toBe(240);
  });

  test.each(golden.crowded)('four trials at a time, some pruned, some failed, to be maximised, seed $seed', (trace) => {
    expect(replay(createTpeSampler(trace), golden.spaces.smooth, trace.direction, trace.events)).toBe(300);
  });
});

test.each(['smooth', 'mixed'] as const)('the random sampler draws what Optuna 5.0 draws: %s', (name) => {
  const [trace] = golden.random[name];
  const space = golden.spaces[name];
  const count = 60 * Object.keys(space).length;
  expect(replay(createRandomSampler(trace), space, 'minimize', toEvents(space, trace))).toBe(count);
});
