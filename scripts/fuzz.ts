import { fuzz } from '../test/fuzz/fuzz.ts';

// `node scripts/fuzz.ts [runs] [lines] [tables] [seed]`: what the command line makes of damaged runs, wrong options and strange tables.
// Findings are printed as they come, and the whole report as JSON.
const [runs = 2000, lines = 2000, tables = 1000, seed = 1] = process.argv.slice(2).map(Number);
const begun = performance.now();
const report = await fuzz(
  { runs, lines, tables },
  {
    seed,
    onTried(tried, finding) {
      if (finding)
        process.stderr.write(`${tried}: ${finding.what}\n  ${finding.args.join(' ')}\n  ${finding.stderr}\n`);
      else if (tried % 100 === 0) process.stderr.write(`${tried} tried\n`);
    },
  },
);
const seconds = Math.round((performance.now() - begun) / 1000);
process.stdout.write(`${JSON.stringify({ ...report, seconds }, null, 2)}\n`);
