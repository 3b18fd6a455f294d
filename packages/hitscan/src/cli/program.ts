import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../errors.ts';
import { protocolNames } from '../evaluate/protocolNames.ts';
import { modelNames, tunableNames } from '../models/modelNames.ts';
import { quoteValue, showText } from '../tracks/quoteValue.ts';
import { objectiveNames, prunerNames, samplerNames } from '../tune/names.ts';
import { version } from '../version.ts';
import type { ExplainOptions } from './explain.ts';
import { parseCount, reportFailure, status } from './run.ts';
import type { RunOptions } from './session.ts';
import type { TrainOptions } from './train.ts';

/** Does a command's work, here or elsewhere. */
type Act = (work: () => Promise<void>) => Promise<void>;

const modelList = modelNames.join(', ');

const contextHelp = 'comma-separated: artist, era: what every model is told that is not audio';
const splitList = (text: string): string[] => text.split(',');
const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

/** What every command that leaves a run has in common. `threads` says what they do; `suffix` ends a run's name. */
function addRunOptions(command: Command, { threads, suffix }: { threads: string; suffix: string }): Command {
  return command
    .argument('[data]', 'CSV file of songs; without it, the embedded synthetic twin')
    .option('--seed <n>', 'seed of everything random (default: 1)', parseCount('--seed'))
    .option('--rows <n>', 'songs of the synthetic twin (default: 4771)', parseCount('--rows'))
    .option('--threads <n>', threads, parseCount('--threads'))
    .option('--strict', 'stop at the first bad row instead of setting it aside')
    .option('--deterministic', 'the same bytes on any machine, at about half the speed')
    .option('--set <key=value>', 'change a setting, may be repeated; --print-config lists them', collect)
    .option('--config <file>', 'settings from a JSON file; options and --set win over it')
    .option('--print-config', 'print every setting with its value, and stop')
    .option('--out <folder>', `where the run goes (default: runs/<time>-<name>${suffix})`)
    .option('--resume <run>', 'go on with an interrupted run')
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .option('--quiet', 'no progress');
}

/** What `train` and `tune` have in common. */
function addTrainingOptions(command: Command): Command {
  command
    .addOption(new Option('--split <kind>', 'how test songs are chosen').choices(['random', 'artist', 'time']))
    .option('--models <names>', `comma-separated: ${modelList}`, splitList)
    .option('--context <groups>', contextHelp, splitList)
    .option('--space <file>', 'where settings are looked for, as JSON: { "dModel": [16, 32], … }')
    .option('--mlflow <url>', 'tell an MLflow tracking server of the run and every trial');
  return addRunOptions(command, { threads: 'threads to train on; any number gives the same model', suffix: '' });
}

/** What `evaluate` and `investigate` have in common. */
function addContestOptions(command: Command, repeats: number): Command {
  command
    .option('--folds <n>', 'parts that the songs are cut into (default: 5)', parseCount('--folds'))
    .option('--repeats <n>', `how often they are cut anew (default: ${repeats})`, parseCount('--repeats'));
  const threads = 'fits at a time; any number gives the same figures';
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
    .description('tune and train Mamba beside the baselines, evaluate them on held-out songs and write a report')
    .addOption(new Option('--preset <name>', 'Mamba model to train').choices(['tokens', 'seed']))
    .option(
      '--tune <n>',
      'trials of the search for settings before training (default: 20; 0: none)',
      parseCount('--tune'),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ hitscan train songs.csv --split artist          no artist on both sides
  $ hitscan train songs.csv --tune 0                with the settings as they are
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
    .description('look for settings of a model on folds of the training songs, then train and evaluate once')
    .addOption(new Option('--model <name>', 'whose settings (default: mamba-tokens)').choices(tunableNames))
    .option('--trials <n>', 'finished trials that the study is to have (default: 100)', parseCount('--trials', 1))
    .option('--timeout <seconds>', 'time after which no trial is begun (default: none)', parseCount('--timeout', 1))
    .option('--study <name>', 'name of the study; one that is there is gone on with (default: hitscan)')
    .option(
      '--storage <address>',
      'file or address of the study: a path, sqlite:///…, postgresql://… (default: in the run)',
    )
    .addOption(new Option('--sampler <name>', 'how settings are chosen (default: tpe)').choices(samplerNames))
    .addOption(new Option('--pruner <name>', 'which trials are given up (default: asha)').choices(prunerNames))
    .option('--objectives <names>', `comma-separated, error among them: ${objectiveNames.join(', ')}`, splitList)
    .option('--folds <n>', 'folds of the training songs (default: 5)', parseCount('--folds', 2))
    .option('--jobs <n>', 'trials at a time (default: one a core; 1 is repeatable)', parseCount('--jobs', 1))
    .addHelpText(
      'after',
      `
The study is written as Optuna writes it, a journal in the run's folder unless --storage says otherwise; several processes
may share one, Python's Optuna among them.

Examples:
  $ hitscan tune songs.csv --trials 100                         then open runs/<time>-<name>/report.html
  $ hitscan tune songs.csv --storage sqlite:///study.db         in a database, for optuna-dashboard
  $ hitscan tune songs.csv --space space.json --sampler random  in a space of one's own
  $ hitscan tune --resume runs/<time>-<name>                    after Ctrl-C or a crash`,
    )
    .action((data: string | undefined, options: TuneOptions) =>
      act(async () => (await import('./train.ts')).train('tune', data, toSettings(options))),
    );
}

function declareEvaluate(program: Command, act: Act): void {
  addContestOptions(program.command('evaluate'), 3)
    .description('hold models against each other, fold by fold and song by song, with intervals')
    .addOption(new Option('--protocol <name>', 'how songs are held out (default: kfold)').choices(protocolNames))
    .option('--models <names>', `comma-separated: ${modelList}`, splitList)
    .option('--context <groups>', contextHelp, splitList)
    .option('--tune <n>', 'trials of a search for settings inside each fold (default: 0)', parseCount('--tune'))
    .option(
      '--intervals <folds>',
      'put intervals around every prediction, by so many folds inside each fold, and measure them (default: 0, none)',
      parseCount('--intervals'),
    )
    .addHelpText(
      'after',
      `
Protocols: holdout (a fifth at random, as often as --repeats says), kfold (every song once a repeat), artist (the same, no artist on
both sides), time (newer songs from older ones). A recording that is listed several times counts once, by its first row.

Examples:
  $ hitscan evaluate songs.csv                                        every model, 5 folds, 3 times
  $ hitscan evaluate songs.csv --protocol artist --repeats 5          the stricter question
  $ hitscan evaluate songs.csv --models linear,mamba-tokens --tune 20 nested: settings are looked for inside each fold
  $ hitscan evaluate songs.csv --models linear --intervals 5          do 90 % intervals hold 90 % of the songs?`,
    )
    .action((data: string | undefined, { intervals, ...options }: RunOptions & { readonly intervals?: number }) => {
      const named = intervals === undefined ? options : { ...options, intervalFolds: intervals };
      return act(async () => (await import('./evaluate.ts')).evaluate(data, named));
    });
}

function declareInvestigate(program: Command, act: Act): void {
  addContestOptions(program.command('investigate'), 2)
    .description(
      'why Mamba and linear regression tie: what can learn, what matters, and what the features really encode',
    )
    .addHelpText('after', '\nExample:\n  $ hitscan investigate songs.csv    some minutes; then open the report')
    .action((data: string | undefined, options: RunOptions) =>
      act(async () => (await import('./investigate.ts')).investigate(data, options)),
    );
}

function declareExplain(program: Command, act: Act): void {
  program
    .command('explain')
    .description(
      'what drives a finished run’s predictions for the songs of a file, what would have to change, and what if',
    )
    .argument('<run>', 'folder of a finished run of train or tune')
    .argument('<file>', 'CSV file of songs; it needs no popularity, and cells of features may be empty')
    .option('--song <row or title>', 'a row of the file, or a part of a title; may be repeated', collect)
    .option('--most <n>', 'songs that are explained at most, some seconds each (default: 10)', parseCount('--most'))
    .option('--model <name>', 'which of the run’s models (default: its Mamba)')
    .option('--what-if <changes>', 'feature=value, comma-separated; unknown is a value; may be repeated', collect)
    .option('--gain <points>', 'find the smallest changes by which the model would give so much more (default: 5)')
    .option('--data <file>', 'where the songs that the run was trained on lie now, if not where they lay')
    .option('--html <file>', 'write a page with figures as well')
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      `
Contributions are measured against songs that the run was trained on: their file must be there, unchanged. All of it tells what the
model does with what it is told, and none what changing a song would do.

Examples:
  $ hitscan explain runs/<time>-<name> mine.csv                                    every song, ten at most
  $ hitscan explain runs/<time>-<name> mine.csv --song "blue" --html blue.html     those with this in the title
  $ hitscan explain runs/<time>-<name> mine.csv --song 2 --what-if energy=0.9,valence=unknown
  $ hitscan explain runs/<time>-<name> mine.csv --model forest --gain 3 --json`,
    )
    .action((run: string, file: string, options: ExplainOptions) =>
      act(async () => (await import('./explain.ts')).explain(run, file, options)),
    );
}

function declareData(program: Command, act: Act): void {
  const data = program.command('data').description('look at song files, or make one');

  data
    .command('describe')
    .description('what a file of songs holds: ranges, missing values, repeats, and the rows that break a rule')
    .argument('[data]', 'CSV file of songs; without it, the embedded synthetic twin')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  $ hitscan data describe songs.csv')
    .action((path: string | undefined, options: { json?: boolean; quiet?: boolean }) =>
      act(async () => (await import('./data.ts')).describeData(path, options)),
    );

  data
    .command('twin')
    .description('write the synthetic twin, a made-up table that behaves like real songs, as CSV')
    .option('--rows <n>', 'songs (default: 4771)', parseCount('--rows'))
    .option('--seed <n>', 'seed of the generator (default: 2024)', parseCount('--seed'))
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', '\nExample:\n  $ hitscan data twin --rows 20000 --out twin.csv')
    .action((options: { rows?: number; seed?: number; out?: string }) =>
      act(async () => (await import('./data.ts')).writeTwin(options)),
    );
}

/** Commander is to throw where it would end the process: what a command line comes to is for its caller to say. */
/** Refuses an option without a value that is to have one, and one that is given two. Throws: ConfigError. */
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

/** Errors are thrown rather than ending the process, and what is printed of them is harmless in a terminal. */
function throwInstead(command: Command): void {
  command.exitOverride();
  command.configureOutput({ writeErr: (text) => process.stderr.write(showText(text)) });
  refuseUnclear(command);
  command.commands.forEach(throwInstead);
}

/** The whole command line. Modules are loaded when their command runs, so that help comes at once. */
function createProgram(act: Act): Command {
  const program = new Command('hitscan')
    .description('How popular will this song be, and why? Mamba against linear regression, honestly compared.')
    .version(version)
    .showHelpAfterError('(hitscan --help shows what there is)')
    .addHelpText(
      'after',
      `
Examples:
  $ hitscan train                        the main job, on the embedded synthetic twin
  $ hitscan train songs.csv              the same on your songs
  $ hitscan train --help                 every option, explained
  $ hitscan tune songs.csv --trials 100  look for better settings, in a study that Optuna can open
  $ hitscan explain runs/<run> mine.csv  what drives a run’s predictions for songs of yours
  $ hitscan data describe songs.csv      what a file holds, and what is wrong with it

Exit status: 0 done, 1 a bug in hitscan, 2 bad input or usage, 130 interrupted with a checkpoint.`,
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
