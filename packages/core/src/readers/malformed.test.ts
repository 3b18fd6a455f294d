import { randomStream } from '@hitscan/mamba';
import { expect, test } from 'vitest';
import { makeCsv, makeSong, readContents } from '../../testing/madeCsv.ts';
import { DataError } from '../errors.ts';
import { featureNames, seedColumns } from '../tracks/schema.ts';

/** Files in all; each kind of damage below comes equally often. */
const fileCount = 1000;

type Random = ReturnType<typeof randomStream>;

/** A song as found in the wild: some titles need quotes, some are not ASCII. */
function drawSong(i: number, random: Random) {
  const titles = ['Plain', 'With, comma', 'With "quotes"', 'Two\nlines', 'Ünïcödé 漢字', '=1+2', ''];
  return makeSong(i, { track_name: titles[random.below(titles.length)], energy: random.uniform() });
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)];
}

function damageBytes(bytes: Buffer, random: Random): Buffer {
  const damaged = Buffer.from(bytes);
  for (let flips = 1 + random.below(20); flips > 0; flips--) {
    damaged[random.below(damaged.length)] ^= 1 << random.below(8);
  }
  return damaged;
}

function insertAt(text: string, what: string, random: Random): string {
  const at = random.below(text.length);
  return text.slice(0, at) + what + text.slice(at);
}

const badCells = [
  'NaN',
  'abc',
  '-1e9',
  '1e999',
  '',
  '0x10',
  '١٢',
  '½',
  '1,5',
  '1_000',
  'Infinity',
  '\u001b[31m',
  '9'.repeat(400),
];

/** Ways to damage a good file: its text, and a source of chance. */
const damages: Readonly<Record<string, (good: string, random: Random) => string | Buffer>> = {
  'cut off at any byte': (good, random) => Buffer.from(good).subarray(0, random.below(Buffer.byteLength(good))),
  'random bytes': (_, random) => Buffer.from(Array.from({ length: random.below(5000) }, () => random.below(256))),
  'flipped bits': (good, random) => damageBytes(Buffer.from(good), random),
  'flipped bits of ASCII': (good, random) =>
    Buffer.from(damageBytes(Buffer.from(good), random).map((byte) => byte & 0x7f)),
  'columns left out': (_, random) =>
    makeCsv(
      [drawSong(1, random), drawSong(2, random)],
      seedColumns.filter(() => random.below(8) > 0),
    ),
  'columns shuffled, some twice': (_, random) => {
    const order = Uint32Array.from(seedColumns.keys());
    random.shuffle(order);
    const columns = Array.from(order, (i) => seedColumns[i]);
    return makeCsv([drawSong(1, random)], random.below(2) ? columns : [...columns, pick(seedColumns, random)]);
  },
  'bad cells': (_, random) => {
    const changes = () => ({ [pick([...featureNames, 'popularity'], random)]: pick(badCells, random) });
    return makeCsv(Array.from({ length: 1 + random.below(30) }, (_, i) => ({ ...drawSong(i, random), ...changes() })));
  },
  'a huge cell': (_, random) =>
    makeCsv([
      makeSong(1),
      makeSong(2, { [pick(seedColumns, random)]: 'x'.repeat(random.below(1_500_000)) }),
      makeSong(3),
    ]),
  'rows of other widths': (good, random) =>
    good
      .split('\n')
      .map((line, i) =>
        i > 0 && random.below(3) === 0 ? pick([`${line},`, line.replace(',', ''), ',,,', 'x'], random) : line,
      )
      .join('\n'),
  'very many columns': (good, random) => {
    const more = ','.repeat(1 + random.below(400_000));
    return random.below(2)
      ? good.replace('\n', `${more}\n`)
      : good.replace(/\n(.*)\n/, (_, row) => `\n${row}${more}\n`);
  },
  'another encoding': (good, random) =>
    pick([Buffer.from(good, 'latin1'), Buffer.from(good, 'utf16le'), Buffer.from(`\ufeff${good}`, 'utf16le')], random),
  'stray quotes': (good, random) => insertAt(good, pick(['"', '""', '"x', ',"', '"""'], random), random),
  'zero bytes': (good, random) => insertAt(good, '\0'.repeat(1 + random.below(3)), random),
  'line breaks': (good, random) => insertAt(good, pick(['\n', '\r', '\r\n', '\n\n\n', '\u2028', '\v'], random), random),
  'only line breaks': (_, random) => pick(['\n', '\r\n', '\r', ' \n', '\ufeff\n'], random).repeat(random.below(2000)),
  'few rows': (good, random) =>
    good
      .split('\n')
      .slice(0, random.below(3))
      .join(pick(['\n', '\r', '\r\n'], random)),
  'another format': (good, random) =>
    pick(
      [
        good.replaceAll(',', ';'),
        good.replaceAll(',', '\t'),
        JSON.stringify([makeSong(1)]),
        '<html>\n</html>',
        `\ufeff\ufeff${good}`,
      ],
      random,
    ),
  'repeated deeply': (_, random) =>
    pick(['"', ',', '","', '"\n', '",\n"', '\\"', '((('], random).repeat(random.below(200_000)),
};

/** One line of printable characters, not too long, that names the file. */
function expectReadable(message: string): void {
  expect(message).toMatch(/^tracks\.csv(:\d+)?: [^\p{Cc}\p{Zl}\p{Zp}]+$/u);
  expect(message.length).toBeLessThanOrEqual(500);
}

test(`${fileCount} malformed files end in a reasoned refusal or in reasoned rejects`, async () => {
  const kinds = Object.entries(damages);
  const seen = { refused: 0, withRejects: 0, clean: 0 };
  const reasons = new Set<string>();
  for (let i = 0; i < fileCount; i++) {
    const [kind, damage] = kinds[i % kinds.length];
    const random = randomStream(i, `malformed: ${kind}`);
    const good = makeCsv(Array.from({ length: 1 + random.below(40) }, (_, row) => drawSong(row, random)));
    const contents = damage(good, random);
    const start = performance.now();
    try {
      const { tracks, rejects, quality } = await readContents(contents);
      seen[rejects.length > 0 ? 'withRejects' : 'clean']++;
      expect(tracks.count).toBeGreaterThan(0);
      for (const { row, faults } of rejects) {
        expect(row).toBeGreaterThan(1);
        expect(faults.length).toBeGreaterThan(0);
        for (const { message } of faults) expectReadable(message);
      }
      for (const { values } of [...Object.values(tracks.features), tracks.popularity]) {
        expect(values.length).toBe(tracks.count);
        expect(values.every(Number.isFinite)).toBe(true);
      }
      expect(quality.rows).toBe(tracks.count);
    } catch (error) {
      if (!(error instanceof DataError)) throw new Error(`file ${i}, ${kind}`, { cause: error });
      seen.refused++;
      expectReadable(error.message);
      reasons.add(error.message.replace(/^[^ ]+ /, '').slice(0, 20));
    }
    // Seconds mean that something grows faster than the file.
    expect(performance.now() - start, `file ${i}, ${kind}`).toBeLessThan(2000);
  }
  // Were all files refused for one reason, or all read, the damage would not be what it claims to be.
  expect(seen.refused).toBeGreaterThan(300);
  expect(seen.withRejects).toBeGreaterThan(150);
  expect(seen.clean).toBeGreaterThan(50);
  expect(reasons.size).toBeGreaterThan(8);
}, 120_000);
