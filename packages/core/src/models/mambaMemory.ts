import { type Model, measureMemory } from '@hitscan/mamba';
import { ConfigError } from '../errors.ts';
import { defineHead } from './mambaHead.ts';
import type { MambaSettings } from './mambaSettings.ts';

/** How a network is trained, as far as memory is concerned. */
export interface TrainingSize {
  /** Rows trained on, at most. */
  readonly rows: number;
  readonly threads: number;
  /** Trainings at a time. */
  readonly jobs: number;
  /** Bytes that they may use in all; not limited where the host does not say. */
  readonly memoryBytes?: number | undefined;
}

/** What of the settings decides how much memory a network takes. */
const sizes = ['layers', 'dModel', 'dState', 'expand', 'bins', 'ensemble', 'batchRows'] as const;

/** `3.2 GB`. */
export function formatBytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(bytes < 1e10 ? 2 : 3)} GB`;
}

/**
 * Refuses a network that cannot fit in the memory that there is, before any is taken.
 * Throws: ConfigError with the estimate, the limit and the settings that decide.
 */
export function expectRoom(name: string, settings: MambaSettings, model: Model, size: TrainingSize): void {
  const { rows, threads, jobs, memoryBytes = Number.POSITIVE_INFINITY } = size;
  const { backend, batchRows, loss, ensemble = 1 } = settings;
  const head = defineHead(loss);
  const use = measureMemory(model, { backend, rows, batchRows, loss: head.loss, threads, networks: ensemble });
  const needed = Math.max(use.training, use.prediction);
  const [bytes, limit, whose] =
    needed > use.limit
      ? [needed, use.limit, 'that a network can have']
      : [needed * jobs, memoryBytes, `of this machine${jobs > 1 ? `, with ${jobs} at a time` : ''}`];
  if (bytes <= limit) return;
  const found = sizes.map((key) => `${key} ${settings[key]}`).join(', ');
  const rule = `must fit in the ${formatBytes(limit)} ${whose}, needs about ${formatBytes(bytes)}`;
  throw new ConfigError(name, `${rule}, got ${found}, threads ${threads}; choose smaller ones`);
}
