import type { RandomStream } from '@hitscan/mamba';
import { pick } from './damageRun.ts';

const oddValues = [
  '',
  '0',
  '-1',
  '1',
  '2',
  '3',
  '1.5',
  '1e9',
  '999999999999',
  'NaN',
  'null',
  'text',
  '[]',
  '{}',
  '__proto__',
  '../..',
  '/dev/null',
  '/proc/self',
  '\u001b[31mred',
  '\u202eabc',
  'a,b',
  'linear,linear',
  'ä'.repeat(120),
];

/** Options by command, each with values that mean something to it; `data` stands for a small file of songs, `run` for a finished run. */
const shared = {
  '--seed': ['1', '7'],
  '--rows': ['30', '5'],
  '--threads': ['1', '2'],
  '--strict': [],
  '--deterministic': [],
  '--config': ['data', 'missing.json'],
  '--print-config': [],
  '--out': ['made', 'data', '.', 'deep/er/made'],
  '--resume': ['run', 'made', '.'],
  '--json': [],
  '--quiet': [],
} as const;

const models = ['mean', 'linear', 'mean,linear', 'linear,mean,linear', 'forest', 'nothing'];
const settingNames = ['epochs', 'dModel', 'layers', 'state', 'expand', 'ensemble', 'batch', 'loss', 'order', 'pooling'];
const otherSettings = ['cutoff', 'testShare', 'explain', 'intervalFolds', 'tune', 'tuneFolds', '__proto__', 'none'];
const settingValues = ['1', '0', '4096', '-3', '0.5', 'null', '"x"', '[]', '{}', 'true', '1e99', 'mean'];

const options: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  train: { '--split': ['random', 'artist', 'time'], '--tune': ['0', '1'], '--preset': ['tokens', 'seed'], ...shared },
  tune: {
    '--trials': ['1', '0'],
    '--timeout': ['1', '0'],
    '--study': ['mine'],
    '--storage': ['s.log', 'sqlite:///s.db', 'mysql://host/x', 'data', '.', 'postgresql://127.0.0.1:1/x'],
    '--sampler': ['tpe', 'random', 'grid'],
    '--pruner': ['asha', 'none', 'median'],
    '--objectives': ['error', 'error,error', 'error,time', 'time'],
    '--model': ['forest', 'boosted', 'mamba-tokens'],
    '--space': ['data', 'missing.json'],
    '--folds': ['2', '1'],
    '--jobs': ['1', '0'],
    ...shared,
  },
  evaluate: {
    '--protocol': ['holdout', 'kfold', 'artist', 'time'],
    '--folds': ['2', '1', '99'],
    '--repeats': ['1', '0'],
    '--intervals': ['0', '1', '2'],
    '--tune': ['0', '1'],
    ...shared,
  },
  explain: {
    '--song': ['1', '999', 'Title'],
    '--most': ['1', '0'],
    '--model': ['linear', 'mean', 'nothing'],
    '--what-if': ['energy=0.9', 'energy=2', 'energy', 'tempo=unknown,energy=0.1'],
    '--gain': ['1', '-5', '1e9'],
    '--data': ['data', 'missing.csv'],
    '--html': ['page.html', 'no/folder/page.html'],
    '--json': [],
    '--quiet': [],
  },
  'data describe': { '--json': [] },
  'data twin': { '--rows': ['10', '0'], '--seed': ['1'], '--out': ['twin.csv', '.', 'no/folder/x.csv'] },
};

/** Keeps a line that is accepted after all to a second's work; what is drawn comes after it and wins. */
const little: Readonly<Record<string, readonly string[]>> = {
  train: ['--models', 'mean,linear', '--tune', '0', '--set', 'explain=0', '--set', 'intervalFolds=0'],
  tune: ['--model', 'forest', '--trials', '1', '--folds', '2', '--set', 'explain=0', '--set', 'intervalFolds=0'],
  evaluate: ['--models', 'mean,linear', '--folds', '2', '--repeats', '1'],
};

/** A command line with a few options, of which some are wrong. */
export function drawLine(random: RandomStream, places: Readonly<Record<'data' | 'run', string>>): string[] {
  const command = pick(Object.keys(options), random);
  const place = (value: string) => (value === 'data' || value === 'run' ? places[value] : value);
  const named = options[command];
  const drawn: string[] = [];
  for (let count = 1 + random.below(4); count > 0; count--) {
    const name = pick(Object.keys(named), random);
    const values = named[name];
    if (values.length === 0) drawn.push(name);
    else drawn.push(name, place(pick(random.below(3) === 0 ? oddValues : values, random)));
  }
  if (random.below(4) === 0 && little[command])
    drawn.push(
      '--set',
      `${pick([...settingNames, ...otherSettings], random)}=${pick([...settingValues, ...oddValues], random)}`,
    );
  if (random.below(6) === 0 && little[command]) drawn.push('--models', pick(models, random));
  if (random.below(12) === 0) drawn.push(pick(['--nonsense', '-x', '--', '--set', '--out'], random));
  const arguments_ =
    command === 'explain'
      ? [places.run, places.data]
      : command === 'data twin'
        ? []
        : [place(pick(['data', 'missing.csv', 'data', '.', 'data'], random))];
  // A run that is resumed has its data already.
  const given = drawn.includes('--resume') && random.below(3) > 0 ? [] : arguments_;
  return [...command.split(' '), ...given, ...(little[command] ?? []), ...drawn];
}
