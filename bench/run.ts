/**
 * Measures the engine against this machine's own limits:
 *
 *   npm run bench [-- <name> …] [-- --json]
 *   npm run bench:peers      the same, beside the peers that are installed; see peers/README.md
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { ConfigError } from '@hitscan/core/errors';
import { type Measurement, measureCase } from './measureCase.ts';
import { findNative, nativeMatmul, type Peers, preparePeers, startPeers } from './peers.ts';
import { type Arguments, readArguments } from './readArguments.ts';
import { measureRoofline, type Roofline } from './roofline.ts';

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

function formatNumber(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

function format({ name, unit, median, minimum, maximum, shareOfPeak, note, peers }: Measurement): string {
  const range = minimum === maximum ? '' : ` (${formatNumber(minimum)}–${formatNumber(maximum)})`;
  const share = shareOfPeak === null ? '' : `${Math.round(100 * shareOfPeak)} %`;
  const own = `${name.padEnd(20)} ${`${formatNumber(median)} ${unit}${range}`.padEnd(34)} ${share.padStart(5)}  ${note}`;
  const theirs = Object.entries(peers).map(
    ([peer, figures]) =>
      `  ${peer.padEnd(40)} ${`${formatNumber(figures.median)} ${unit}`.padEnd(16)} ${formatNumber(figures.ratio)} ×`,
  );
  return [own, ...theirs, ''].join('\n');
}

async function run({ cases, json, peers: withPeers }: Arguments): Promise<void> {
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const roofline: Roofline = await measureRoofline();
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
  const limits = `${(roofline.flops / 1e9).toFixed(1)} GFLOP/s, ${roofline.expNanoseconds.toFixed(2)} ns an exponential, ${(roofline.bytes / 1e9).toFixed(1)} GB/s a core`;
  tell(`${machine}\nlimits: ${limits}`);
  const peers: Peers = withPeers ? await startPeers(tell) : { present: [], missing: {} };
  const native = findNative(peers.present);
  if (!native)
    tell(`native-matmul: not measured (${withPeers ? 'no NumPy is installed' : 'npm run bench:peers does, by NumPy'})`);
  const measurements: Measurement[] = [];
  const output = json ? process.stderr : process.stdout;
  try {
    const add = (measurement: Measurement) => {
      measurements.push(measurement);
      output.write(format(measurement));
    };
    for (const one of cases) add(await measureCase(one, roofline, await preparePeers(one, peers, tell), tell));
    if (native) add(await measureCase(nativeMatmul(native), roofline, [], tell));
  } finally {
    for (const peer of peers.present) peer.stop();
  }
  for (const [peer, reason] of Object.entries(peers.missing)) output.write(`${peer}: ${reason}\n`);
  const versions = Object.fromEntries(peers.present.map((peer) => [peer.name, peer.versions]));
  const { timeExponentials: _, ...rates } = roofline;
  const context = { commit: readCommit(), machine, time: new Date().toISOString(), roofline: rates };
  const all = { ...context, ...(withPeers && { versions, missing: peers.missing }) };
  if (json)
    process.stdout.write(`${JSON.stringify(measurements.map((measurement) => ({ ...measurement, ...all })))}\n`);
}

try {
  await run(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
