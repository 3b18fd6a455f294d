import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong, readContents } from '../../testing/madeCsv.ts';
import { seedColumns } from '../tracks/schema.ts';
import { workAtOnce, workWithPauses } from '../yieldToEvents.ts';
import { openBytes } from './byteSource.ts';
import { describeTracks, type ReadProgress } from './readCsv.ts';

/** About 4 MB, four times what is read at a time. */
const count = 30_000;
const titles = ['Plain', 'Ünïcödé', '漢字', '🎵🎶', 'With "quotes"', 'Two\nlines', 'With, comma'];
const songs = Array.from({ length: count }, (_, i) =>
  makeSong(i, {
    track_name: titles[i % titles.length].repeat(1 + (i % 5)),
    track_id: `id${i % 29_000}`,
    energy: i % 9 === 0 ? '' : (i % 1000) / 1000,
    tempo: i % 11 === 0 ? 0 : 60 + i / 1000,
    release_date: i % 3 === 0 ? '' : String(1950 + (i % 70)),
    ...(i % 1000 === 7 ? { mode: 7 } : {}),
  }),
);
const text = makeCsv(songs, [...seedColumns, 'release_date', 'genre']);

describe('a file that is read in several pieces', () => {
  test('is the same as at once, with characters, rows and quotes cut between pieces', async () => {
    const { tracks, rejects } = await readContents(text);
    const good = songs.filter(({ mode }) => mode !== 7);
    expect(tracks.count).toBe(good.length);
    expect(tracks.title).toEqual(good.map((song) => song.track_name));
    expect(tracks.artist).toEqual(good.map((song) => song.artist_name));
    expect(tracks.trackId).toEqual(good.map((song) => song.track_id));
    expect(tracks.releaseDate).toEqual(good.map((song) => song.release_date));
    expect([...tracks.features.energy.values]).toEqual(good.map((song) => Number(song.energy)));
    expect([...tracks.popularity.values]).toEqual(good.map((song) => song.popularity));
    expect(rejects.map(({ row }) => row)).toEqual(songs.flatMap(({ mode }, i) => (mode === 7 ? [i + 2] : [])));
    expect(tracks.source.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('is described without its songs as it is with them', async () => {
    const { tracks, rejects, quality, dialect, renamed } = await readContents(text);
    expect(await describeTracks(openBytes('tracks.csv', Buffer.from(text)))).toEqual({
      source: tracks.source,
      rejects,
      quality,
      dialect,
      renamed,
    });
    // By definition.
    const tempos = tracks.features.tempo.values.filter((_, row) => !tracks.features.tempo.missing[row]).sort();
    expect(quality.columns.tempo).toEqual({
      missing: tracks.count - tempos.length,
      sentinels: tracks.count - tempos.length,
      minimum: tempos[0],
      median: (tempos[(tempos.length - 1) >> 1] + tempos[tempos.length >> 1]) / 2,
      maximum: tempos[tempos.length - 1],
    });
    expect(quality.repeats).toBe(tracks.count - new Set(tracks.trackId).size);
    expect(quality.artists).toBe(new Set(tracks.artist).size);
  });

  test('may be wrong in a later piece', async () => {
    await expect(readContents(Buffer.concat([Buffer.from(text), Buffer.of(0xc3)]))).rejects.toThrow(
      /^tracks\.csv: must be UTF-8, got bytes in another encoding/,
    );
    await expect(readContents(`${text}a\0b`)).rejects.toThrow(/^tracks\.csv:30002: .* got a zero byte/);
  });

  test('leaves others their turn, tells how far it is, and stops when it is told to', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const seen: ReadProgress[] = [];
    await readContents(text, { onProgress: (progress) => seen.push(progress) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toMatchObject({ file: 'tracks.csv', share: 1 });

    const stop = new AbortController();
    const reason = new Error('enough');
    let calls = 0;
    const onProgress = () => {
      calls++;
      stop.abort(reason);
    };
    await expect(readContents(text, { signal: stop.signal, onProgress })).rejects.toBe(reason);
    expect(calls).toBe(1);
  });
});

describe('work with pauses', () => {
  function* work(): Generator<void, string> {
    for (let i = 0; i < 5; i++) {
      const until = performance.now() + 30;
      while (performance.now() < until);
      yield;
    }
    return 'done';
  }

  test('pauses now and then, and gives what it would give at once', async () => {
    let pauses = 0;
    const result = await workWithPauses(work(), async () => {
      pauses++;
    });
    expect(result).toBe('done');
    expect(pauses).toBe(5);
    expect(workAtOnce(work())).toBe('done');
  });

  test('ends where a pause throws', async () => {
    await expect(workWithPauses(work(), () => Promise.reject(new Error('enough')))).rejects.toThrow('enough');
  });
});
