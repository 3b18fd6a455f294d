import { ConfigError } from '@hitscan/core/errors';
import {
  modelNames,
  objectiveNames,
  protocolNames,
  prunerNames,
  samplerNames,
  tunableNames,
} from '@hitscan/core/optionNames';
import { quoteValue, showText } from '@hitscan/core/quoteValue';
import { version } from '@hitscan/core/version';
import { Command, CommanderError, Option } from 'commander';
import type { ExplainOptions } from './explain.ts';
import { parseCount, reportFailure, status } from './run.ts';
import type { RunOptions } from './session.ts';
import type { TrainOptions } from './train.ts';

/** Does a command's work, here or elsewhere. */
type Act = (work: () => Promise<void>) => Promise<void>;

const modelList = modelNames.join(', ');

const contextHelp = 'comma-separated: artist, era; inputs beside audio, for every model';
const splitList = (text: string): string[] => text.split(',');
const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

/** What every command that leaves a run has in common. `threads` says what they do; `suffix` ends a run's name. */
function addRunOptions(command: Command, { threads, suffix }: { threads: string; suffix: string }): Command {
  return command
    .argument('[data]', 'CSV file of songs; without it, the embedded synthetic twin')
    .option('--seed <n>', 'seed of all random numbers (default: 1)', parseCount('--seed'))
    .option('--rows <n>', 'number of songs in the synthetic twin (default: 4771)', parseCount('--rows'))
    .option('--threads <n>', threads, parseCount('--threads'))
    .option('--strict', 'stop at the first row that breaks a rule instead of setting it aside')
    .option('--deterministic', 'the same bytes on every machine, at about half the speed')
    .option('--set <key=value>', 'change a setting; may be repeated; --print-config lists all', collect)
    .option('--config <file>', 'read settings from a JSON file; options and --set override it')
    .option('--print-config', 'print every setting with its value and exit')
    .option('--out <folder>', `folder of the run (default: runs/<time>-<name>${suffix})`)
    .option('--resume <run>', 'resume an interrupted run')
    .option('--json', 'print one JSON document, and nothing else, on standard output')
    .option('--quiet', 'show no progress');
}

/** What `train` and `tune` have in common. */
function addTrainingOptions(command: Command): Command {
  command
    .addOption(new Option('--split <kind>', 'how test songs are chosen').choices(['random', 'artist', 'time']))
    .option('--models <names>', `comma-separated: ${modelList}`, splitList)
    .option('--context <groups>', contextHelp, splitList)
    .option('--space <file>', 'JSON file with the search space: { "dModel": [16, 32], … }')
    .option('--mlflow <url>', 'log the run and every trial to an MLflow tracking server');
  return addRunOptions(command, { threads: 'number of threads; any number gives the same model', suffix: '' });
}

/** What `evaluate` and `investigate` have in common. */
function addContestOptions(command: Command, repeats: number): Command {
  command
    .option('--folds <n>', 'number of folds (default: 5)', parseCount('--folds'))
    .option('--repeats <n>', `number of times the folds are drawn (default: ${repeats})`, parseCount('--repeats'));
  const threads = 'number of models fitted at a time; any number gives the same figures';
  return addRunOptions(command, { threads, suffix: `-${command.name()}` });
}

interface TuneOptions extends TrainOptions {
  readonly trials?: number;
  readonly timeout?: number;
  readonly study?: string;
  readonly storage?: string;
  readonly sampler?: TrainOptions['tuneSampler'];
  readonly pruner?: TrainOptions['tunePruner'];
  readonly objectives?: TrainOptions['tuneObjectives'];
  readonly model?: TrainOptions['tuneModel'];
  readonly folds?: number;
  readonly jobs?: number;
}

/** The search's options under the names of their settings; those not given are left out. */
function toSettings({
  trials,
  timeout,
  study,
  storage,
  sampler,
  pruner,
  objectives,
  model,
  folds,
  jobs,
  ...others
}: TuneOptions): TrainOptions {
  const named = {
    tune: trials,
    tuneTimeout: timeout,
    tuneStudy: study,
    tuneStorage: storage,
    tuneSampler: sampler,
    tunePruner: pruner,
    tuneObjectives: objectives,
    tuneModel: model,
    tuneFolds: folds,
    tuneJobs: jobs,
  };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { ...others, ...given };
}

function declareTrain(program: Command, act: Act): void {
  addTrainingOptions(program.command('train'))
    .description('tune and train Mamba and the baselines, evaluate them on held-out songs and write a report')
    .addOption(new Option('--preset <name>', 'Mamba model to train (default: tokens)').choices(['tokens', 'seed']))
    .option('--tune <n>', 'number of tuning trials before training (default: 20; 0: no tuning)', parseCount('--tune'))
    .addHelpText(
      'after',
      `
Examples:
  $ hitscan train songs.csv --split artist          no artist in both training and test songs
  $ hitscan train songs.csv --tune 0                train without tuning
  $ hitscan train songs.csv --preset seed --json    the seed project's network alone, as JSON
  $ hitscan train --set epochs=2 --set dModel=8     a small, quick model
  $ hitscan train --resume runs/<time>-<name>       after Ctrl-C or a crash`,
    )
    .action((data: string | undefined, options: TrainOptions) =>
      act(async () => (await import('./train.ts')).train('train', data, options)),
    );
}

function declareTune(program: Command, act: Act): void {
  addTrainingOptions(program.command('tune'))
    .description('tune a model on folds of the training songs, then train and evaluate it once')
    .addOption(new Option('--model <name>', 'model to tune (default: mamba-tokens)').choices(tunableNames))
    .option('--trials <n>', 'number of finished trials in the study (default: 100)', parseCount('--trials', 1))
    .option('--timeout <seconds>', 'start no trial after this time (default: no limit)', parseCount('--timeout', 1))
    .option('--study <name>', 'name of the study; an existing study is continued (default: hitscan)')
    .option(
      '--storage <address>',
      'where the study is stored: a path, sqlite:///… or postgresql://… (default: in the run)',
    )
    .addOption(new Option('--sampler <name>', 'method that chooses settings (default: tpe)').choices(samplerNames))
    .addOption(
      new Option('--pruner <name>', 'method that stops weak trials early (default: asha)').choices(prunerNames),
    )
    .option(
      '--objectives <names>',
      `comma-separated: ${objectiveNames.join(', ')}; error is required (default: error)`,
      splitList,
    )
    .option('--folds <n>', 'number of folds of the training songs (default: 5)', parseCount('--folds', 2))
    .option(
      '--jobs <n>',
      'trials at a time (default: one per core; with 1, results are reproducible)',
      parseCount('--jobs', 1),
    )
    .addHelpText(
      'after',
      `
The study is stored in Optuna's format: a journal in the run's folder, unless --storage names another place. Several processes
may share a study, including Python's Optuna.

Examples:
  $ hitscan tune songs.csv --trials 100                         then open runs/<time>-<name>/report.html
  $ hitscan tune songs.csv --storage sqlite:///study.db         store the study in a database, for optuna-dashboard
  $ hitscan tune songs.csv --space space.json --sampler random  search your own space
  $ hitscan tune --resume runs/<time>-<name>                    after Ctrl-C or a crash`,
    )
    .action((data: string | undefined, options: TuneOptions) =>
      act(async () => (await import('./train.ts')).train('tune', data, toSettings(options))),
    );
}

function declareEvaluate(program: Command, act: Act): void {
  addContestOptions(program.command('evaluate'), 3)
    .description('compare models on held-out songs, with confidence intervals')
    .addOption(new Option('--protocol <name>', 'how songs are held out (default: kfold)').choices(protocolNames))
    .option('--models <names>', `comma-separated: ${modelList}`, splitList)
    .option('--context <groups>', contextHelp, splitList)
    .option('--tune <n>', 'number of tuning trials inside each fold (default: 0)', parseCount('--tune'))
    .option(
      '--intervals <folds>',
      'make prediction intervals from this many inner folds and measure their coverage (default: 0, none)',
      parseCount('--intervals'),
    )
    .addHelpText(
      'after',
      `
Protocols:
  holdout   a random fifth is held out in each repeat
  kfold     every song is held out once in each repeat
  artist    the same, with no artist in both training and held-out songs
  time      newer songs are predicted from older ones
A recording that is listed several times counts once, by its first row.

Examples:
  $ hitscan evaluate songs.csv                                        every model, 5 folds, 3 times
  $ hitscan evaluate songs.csv --protocol artist --repeats 5          predict songs of unseen artists
  $ hitscan evaluate songs.csv --models linear,mamba-tokens --tune 20 nested: tune inside each fold
  $ hitscan evaluate songs.csv --models linear --intervals 5          do 90 % intervals cover 90 % of songs?`,
    )
    .action((data: string | undefined, { intervals, ...options }: RunOptions & { readonly intervals?: number }) => {
      const named = intervals === undefined ? options : { ...options, intervalFolds: intervals };
      return act(async () => (await import('./contest.ts')).evaluate(data, named));
    });
}

function declareInvestigate(program: Command, act: Act): void {
  addContestOptions(program.command('investigate'), 2)
    .description(
      'find out why Mamba and linear regression tie: which parameters can learn, which parts matter, what features encode',
    )
    .addHelpText('after', '\nExample:\n  $ hitscan investigate songs.csv    takes some minutes; then open the report')
    .action((data: string | undefined, options: RunOptions) =>
      act(async () => (await import('./contest.ts')).investigate(data, options)),
    );
}

function declareExplain(program: Command, act: Act): void {
  program
    .command('explain')
    .description('explain a finished run’s predictions for a file’s songs: contributions, smallest changes, what-if')
    .argument('<run>', 'folder of a finished run of train or tune')
    .argument('<file>', 'CSV file of songs; popularity is optional, and features may be empty or lack')
    .option('--song <row or title>', 'row number, or part of a title; may be repeated', collect)
    .option('--most <n>', 'largest number of songs to explain, some seconds each (default: 10)', parseCount('--most'))
    .option('--model <name>', 'model of the run to explain (default: its Mamba)')
    .option(
      '--what-if <changes>',
      'changes to predict with, such as energy=0.9,valence=unknown; may be repeated',
      collect,
    )
    .option('--gain <points>', 'find the smallest changes that raise the prediction by so many points (default: 5)')
    .option('--data <file>', 'file of the songs the run was trained on, if it has moved')
    .option('--html <file>', 'also write a page with figures')
    .option('--json', 'print one JSON document, and nothing else, on standard output')
    .option('--quiet', 'show no progress')
    .addHelpText(
      'after',
      `
Contributions are measured against songs that the run was trained on, so their file must exist, unchanged. Explanations describe the
model. They do not say what changing a song would do.

Examples:
  $ hitscan explain runs/<time>-<name> mine.csv                                    all songs, at most ten
  $ hitscan explain runs/<time>-<name> mine.csv --song "blue" --html blue.html     songs with this in the title
  $ hitscan explain runs/<time>-<name> mine.csv --song 2 --what-if energy=0.9,valence=unknown
  $ hitscan explain runs/<time>-<name> mine.csv --model forest --gain 3 --json`,
    )
    .action((run: string, file: string, options: ExplainOptions) =>
      act(async () => (await import('./explain.ts')).explain(run, file, options)),
    );
}

function declareData(program: Command, act: Act): void {
  const data = program.command('data').description('describe a song file, or make one');

  data
    .command('describe')
    .description('describe a file of songs: ranges, missing values, repeats, rows that break a rule')
    .argument('[data]', 'CSV file of songs; without it, the embedded synthetic twin')
    .option('--json', 'print one JSON document on standard output')
    .option('--quiet', 'show no progress')
    .addHelpText('after', '\nExample:\n  $ hitscan data describe songs.csv')
    .action((path: string | undefined, options: { json?: boolean; quiet?: boolean }) =>
      act(async () => (await import('./data.ts')).describeData(path, options)),
    );

  data
    .command('twin')
    .description('write the synthetic twin as CSV: made-up songs with the statistics of real ones')
    .option('--rows <n>', 'number of songs (default: 4771)', parseCount('--rows'))
    .option('--seed <n>', 'seed of the generator (default: 2024)', parseCount('--seed'))
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', '\nExample:\n  $ hitscan data twin --rows 20000 --out twin.csv')
    .action((options: { rows?: number; seed?: number; out?: string }) =>
      act(async () => (await import('./data.ts')).writeTwin(options)),
    );
}

/** Refuses an option with an empty value, and an option that is given two different values. Throws: ConfigError. */
function refuseUnclear(command: Command): void {
  for (const option of command.options) {
    let before: string | undefined;
    command.on(`option:${option.name()}`, (value?: string) => {
      const name = `--${option.name()}`;
      if (value === '') throw new ConfigError(name, 'must not be empty');
      if (before !== undefined && before !== value && option.parseArg !== collect)
        throw new ConfigError(name, `must have one value, got ${quoteValue(before)} and ${quoteValue(value ?? '')}`);
      before = value;
    });
  }
  command.hook('preAction', (_, { args }) => {
    if (args.includes('')) throw new ConfigError('arguments', 'must not be empty');
  });
}

/** Makes commander throw where it would end the process, and print its errors escaped. The caller decides the exit status. */
function throwInstead(command: Command): void {
  command.exitOverride();
  command.configureOutput({ writeErr: (text) => process.stderr.write(showText(text)) });
  refuseUnclear(command);
  command.commands.forEach(throwInstead);
}

/** The whole command line. Modules are loaded when their command runs, so that help comes at once. */
function createProgram(act: Act): Command {
  const program = new Command('hitscan')
    .description(
      'How popular will this song be, and why? A Mamba model, compared with linear regression and other baselines.',
    )
    .version(version)
    .showHelpAfterError('(hitscan --help lists commands and options)')
    .addHelpText(
      'after',
      `
Examples:
  $ hitscan train                        tune, train, evaluate and report, on the embedded synthetic twin
  $ hitscan train songs.csv              the same on your songs
  $ hitscan train --help                 every option, explained
  $ hitscan tune songs.csv --trials 100  search for better settings, in a study that Optuna can open
  $ hitscan explain runs/<run> mine.csv  explain a run’s predictions for your songs
  $ hitscan data describe songs.csv      what a file contains, and which rows break a rule

Exit status: 0 done, 1 a bug in hitscan, 2 bad input or usage, 130 interrupted (resumable).`,
    );
  const commands = [declareTrain, declareTune, declareEvaluate, declareInvestigate, declareExplain, declareData];
  for (const declare of commands) declare(program, act);
  throwInstead(program);
  return program;
}

/**
 * Runs one command line, without the program's name; its exit status is left in `process.exitCode`. `onThread` has the command's
 * work done elsewhere, and resolves with its status; null where it is done here. What only prints help is always done here.
 */
export function runLine(args: readonly string[], onThread: (() => Promise<number>) | null = null): Promise<void> {
  const act: Act = async (work) => {
    if (onThread) process.exitCode = await onThread();
    else await work();
  };
  return reportFailure(async () => {
    try {
      await createProgram(act).parseAsync(args, { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      // Commander has printed its message; help and version are no failures.
      process.exitCode = error.exitCode === 0 ? status.done : status.badInput;
    }
  });
}
