/**
 * Measures the engine against this machine's own limits:
 *
 *   npm run bench [-- <name> …] [-- --json]
 *   npm run bench:peers      the same, beside the peers that are installed
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { cases } from './cases.ts';
import type { Measurement } from './measure.ts';
import { comparePeers, measurePeers } from './peers.ts';
import { measureRoofline } from './roofline.ts';

const args = process.argv.slice(2);
const json = args.includes('--json');
const withPeers = args.includes('--peers');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.find((name) => !Object.keys(cases).some((known) => known.startsWith(name)));
if (unknown) {
  process.stderr.write(`bench: there is no ${unknown}; there are ${Object.keys(cases).join(', ')}\n`);
  process.exit(2);
}

function readCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

function format({ name, unit, median, minimum, maximum, shareOfPeak, note }: Measurement): string {
  const number = (value: number) => Number(value.toPrecision(3)).toLocaleString('en-US');
  const range = minimum === maximum ? '' : ` (${number(minimum)}–${number(maximum)})`;
  const share = shareOfPeak === null ? '' : `${Math.round(100 * shareOfPeak)} %`;
  return `${name.padEnd(20)} ${`${number(median)} ${unit}${range}`.padEnd(34)} ${share.padStart(5)}  ${note}`;
}

const roofline = await measureRoofline();
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
const limits = `${(roofline.flops / 1e9).toFixed(1)} GFLOP/s, ${roofline.expNanoseconds.toFixed(2)} ns an exponential, ${(roofline.bytes / 1e9).toFixed(1)} GB/s a core`;
process.stderr.write(`${machine}\nlimits: ${limits}\n`);
const peers = withPeers ? await measurePeers((line) => process.stderr.write(`${line}\n`)) : [];
const measurements: Measurement[] = [];
for (const [name, measure] of Object.entries(cases)) {
  if (names.length > 0 && !names.some((wanted) => name.startsWith(wanted))) continue;
  for (const alone of await measure(roofline)) {
    const measurement = comparePeers(alone, peers);
    measurements.push(measurement);
    const output = json ? process.stderr : process.stdout;
    output.write(`${format(measurement)}\n`);
    for (const [peer, { median, ratio }] of Object.entries(measurement.peers)) {
      output.write(`${''.padEnd(20)} ${peer}: ${median.toPrecision(3)} ${measurement.unit}, ${ratio.toFixed(1)} ×\n`);
    }
  }
}
const context = { commit: readCommit(), machine, time: new Date().toISOString(), roofline };
if (json)
  process.stdout.write(`${JSON.stringify(measurements.map((measurement) => ({ ...measurement, ...context })))}\n`);
