/**
 * Kills work at random moments, resumes it, and checks what is left; JSON on stdout:
 *
 *   node bench/torture.ts [kills of each] [train|tune|evaluate|investigate|journal|sqlite …]
 *
 * A command's runs are compared with an uninterrupted one. A study's trials, in a journal or in SQLite, are compared with those
 * that its workers acknowledged. The folder is kept, so that other programs can be tried on it. Status 1 if anything is wrong.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TorturedCommand, tortured, tortureRuns } from '../test/torture.ts';
import { tortureStudy } from '../test/tuneTorture.ts';

const studies: Readonly<Record<string, string>> = { journal: 'study.log', sqlite: 'study.db' };
const [count = '50', ...chosen] = process.argv.slice(2);
const names = chosen.length > 0 ? chosen : [...Object.keys(tortured), ...Object.keys(studies)];
const folder = mkdtempSync(join(tmpdir(), 'hitscan-torture-'));
const reports: object[] = [];
let failed = false;
for (const name of names) {
  const begun = performance.now();
  const took = () => ({ seconds: (performance.now() - begun) / 1000 });
  if (Object.hasOwn(studies, name)) {
    const report = await tortureStudy(join(folder, studies[name]), Number(count));
    failed ||= report.doubled + report.running > 0;
    reports.push({ study: name, ...report, ...took() });
  } else if (Object.hasOwn(tortured, name)) {
    const report = await tortureRuns(name as TorturedCommand, folder, Number(count));
    failed ||= report.faults.length > 0;
    reports.push({ ...report, ...took() });
  } else throw new Error(`expected ${Object.keys({ ...tortured, ...studies }).join(', ')}, got ${name}`);
}
process.stdout.write(`${JSON.stringify({ folder, reports }, null, 2)}\n`);
if (failed) process.exitCode = 1;
