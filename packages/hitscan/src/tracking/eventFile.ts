import { bytesField, doubleField, floatField, integerField, textField } from './protobuf.ts';

export type HyperparameterValue = number | string | boolean;

/** One figure over the steps of a run. */
export interface ScalarSeries {
  readonly tag: string;
  readonly values: readonly (readonly [step: number, value: number])[];
}

/** A run or a trial as TensorBoard shows it. */
export interface EventRun {
  readonly started: Date;
  readonly ended: Date;
  readonly succeeded: boolean;
  /** Runs of one group stand side by side in the table of hyperparameters. */
  readonly group: string;
  readonly hyperparameters: Readonly<Record<string, HyperparameterValue>>;
  readonly scalars: readonly ScalarSeries[];
}

/** CRC-32C (Castagnoli) by bytes. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

/** The CRC-32C of bytes. Source: RFC 3720, B.4. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ crcTable[(remainder ^ byte) & 255];
  return ~remainder >>> 0;
}

/** Rotated and shifted, so that a checksum of data that hold checksums is no accident. */
function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A record as TFRecord files have it: length, its checksum, the bytes, theirs. */
function frame(payload: Uint8Array): Uint8Array {
  const framed = new Uint8Array(payload.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedChecksum(framed.subarray(0, 8)), true);
  framed.set(payload, 12);
  view.setUint32(12 + payload.length, maskedChecksum(payload), true);
  return framed;
}

function event(time: number, step: number, what: number[]): Uint8Array {
  return frame(Uint8Array.from([...doubleField(1, time), ...integerField(2, step), ...what]));
}

/** A summary of one value. */
function summary(tag: string, what: number[]): number[] {
  return bytesField(5, bytesField(1, [...textField(1, tag), ...what]));
}

/** What the HParams plugin reads from the metadata of a summary without a value. */
function hyperparameterEvent(time: number, tag: string, data: number[]): Uint8Array {
  const plugin = [...textField(1, 'hparams'), ...bytesField(2, data)];
  return event(time, 0, summary(`_hparams_/${tag}`, bytesField(9, bytesField(1, plugin))));
}

function valueMessage(value: HyperparameterValue): number[] {
  if (typeof value === 'number') return doubleField(2, value);
  return typeof value === 'string' ? textField(3, value) : integerField(4, value ? 1 : 0);
}

const [success, failure] = [1, 2];

/**
 * A TensorBoard event file: its version, the run's hyperparameters, its figures, how it ended. Steps are spread evenly over the
 * time that the run took. Source: TensorFlow's event.proto, summary.proto and record format; TensorBoard's plugin_data.proto.
 */
export function encodeEvents({ started, ended, succeeded, group, hyperparameters, scalars }: EventRun): Uint8Array {
  const [begin, end] = [started.getTime() / 1000, ended.getTime() / 1000];
  const entries = Object.entries(hyperparameters).map(([name, value]) =>
    bytesField(1, [...textField(1, name), ...bytesField(2, valueMessage(value))]),
  );
  const start = [...entries.flat(), ...textField(4, group), ...doubleField(5, begin)];
  const records = [
    event(begin, 0, textField(3, 'brain.Event:2')),
    hyperparameterEvent(begin, 'session_start_info', bytesField(3, start)),
  ];
  for (const { tag, values } of scalars) {
    values.forEach(([step, value], i) => {
      const time = begin + ((end - begin) * (i + 1)) / values.length;
      records.push(event(time, step, summary(tag, floatField(2, value))));
    });
  }
  const status = [...integerField(1, succeeded ? success : failure), ...doubleField(2, end)];
  records.push(hyperparameterEvent(end, 'session_end_info', bytesField(4, status)));
  const file = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    file.set(record, at);
    at += record.length;
  }
  return file;
}

/**
 * The name by which TensorBoard knows an event file. Where its own writers put the time stands a 0: equal runs have files of
 * equal names, and one that is written again replaces the old.
 */
export const eventFileName = 'events.out.tfevents.0.hitscan';
