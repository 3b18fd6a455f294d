import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tortureStudy } from '../test/tuneTorture.ts';

// `node bench/tuneTorture.ts [kills] [log|db]`: what becomes of a study whose workers are killed, in JSON on stdout. The file is left
// for other readers to try.
const kills = Number(process.argv[2] ?? 200);
const path = join(mkdtempSync(join(tmpdir(), 'hitscan-torture-')), `study.${process.argv[3] ?? 'log'}`);
const begun = performance.now();
const report = await tortureStudy(path, kills);
const seconds = (performance.now() - begun) / 1000;
process.stdout.write(`${JSON.stringify({ ...report, seconds, path }, null, 2)}\n`);
