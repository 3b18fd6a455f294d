import { expect, test } from 'vitest';
import { crc32c, type EventRun, encodeEvents } from './eventFile.ts';

/** The vectors of RFC 3720, B.4. */
test.each([
  ['zeros', new Uint8Array(32), 0x8a9136aa],
  ['ones', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['descending', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
])('CRC-32C of %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

const run: EventRun = {
  started: new Date(1700000000500),
  ended: new Date(1700000010500),
  succeeded: true,
  group: 'trial 7',
  hyperparameters: { learningRate: 0.002, pooling: 'mean', bidirectional: true, ø: -1.5 },
  scalars: [
    {
      tag: 'loss/train',
      values: [
        [0, 2.5],
        [1, Number.NaN],
        [300, 1e-3],
      ],
    },
    { tag: 'loss/validation', values: [[0, 3]] },
  ],
};

test('an event file is, to the byte, one from which TensorBoard 2.21 read all that it holds', () => {
  // scripts/golden/tensorBoard.py printed the values above, and the steps' times: 3.83…, 7.17… and 10.5 seconds on.
  const golden =
    'GgAAAAAAAAASm9gtCQAAIED8VNlBEAAaDWJyYWluLkV2ZW50OjK/imkdpgAAAAAAAABw9yoVCQAAIED8VNlBEAAqmAEKlQEKHF9ocGFyYW1zXy9z' +
    'ZXNzaW9uX3N0YXJ0X2luZm9KdQpzCgdocGFyYW1zEmgaZgoZCgxsZWFybmluZ1JhdGUSCRH8qfHSTWJgPwoRCgdwb29saW5nEgYaBG1lYW4KEwoN' +
    'YmlkaXJlY3Rpb25hbBICIAEKDwoCw7gSCREAAAAAAAD4vyIHdHJpYWwgNykAACBA/FTZQRtPHAEgAAAAAAAAACntqVAJVVX1QPxU2UEQACoTChEK' +
    'Cmxvc3MvdHJhaW4VAAAgQJjo47sgAAAAAAAAACntqVAJq6rKQfxU2UEQASoTChEKCmxvc3MvdHJhaW4VAADAf30t88EhAAAAAAAAAAF77PYJAACg' +
    'QvxU2UEQrAIqEwoRCgpsb3NzL3RyYWluFW8SgzobFJoNJQAAAAAAAADqvDbzCQAAoEL8VNlBEAAqGAoWCg9sb3NzL3ZhbGlkYXRpb24VAABAQErt' +
    'SfNHAAAAAAAAALrD+5sJAACgQvxU2UEQACo6CjgKGl9ocGFyYW1zXy9zZXNzaW9uX2VuZF9pbmZvShoKGAoHaHBhcmFtcxINIgsIAREAAKBC/FTZ' +
    'QUtvdbE=';
  expect(Buffer.from(encodeEvents(run)).toString('base64')).toBe(golden);
});
