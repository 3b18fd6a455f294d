import type { FitProgress } from '@hitscan/core/models';
import { showLine, showText } from '@hitscan/core/quoteValue';

/** What a command tells people while it works, on standard error. */
export interface Reporter {
  /** A line that stays. */
  say(line: string): void;
  /** A line that stays, whether or not anybody wants to be told. */
  warn(line: string): void;
  /** How far a model has come. */
  progress(name: string, progress: FitProgress): void;
  /** How far something has come: a bar that is drawn over in a terminal, else a plain line every few seconds. */
  draw(state: { readonly place: string; readonly share: number; readonly rest: string }): void;
  /** Removes the bar. */
  clear(): void;
}

export interface ReporterOptions {
  readonly quiet: boolean;
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly color: boolean;
}

const barWidth = 20;
/** Between two plain lines where nobody can see a bar move. */
const plainMilliseconds = 5000;

/** `0:07`, `12:34`, `1:02:03`; `–` where unknown. */
export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, '0');
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

function formatLoss(loss: number | null): string {
  return loss === null ? '–' : loss.toPrecision(4);
}

function describeFit(
  name: string,
  { epoch, epochs, trainLoss, validationLoss, rowsPerSecond, secondsLeft }: FitProgress,
) {
  const rate = Math.round(rowsPerSecond).toLocaleString('en-US');
  return {
    share: (epoch + 1) / epochs,
    place: `${name}  epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`,
    rest: `train ${formatLoss(trainLoss)} · validation ${formatLoss(validationLoss)} · ${rate} rows/s · ${formatClock(secondsLeft)} left`,
  };
}

export function createReporter({ quiet, stream, color }: ReporterOptions): Reporter {
  let drawn = false;
  let spokenAt = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (drawn) stream.write('\r\u001b[K');
    drawn = false;
  };
  const stay = (line: string) => {
    clear();
    stream.write(`${showText(line)}\n`);
  };
  if (quiet) return { say() {}, warn: stay, progress() {}, draw() {}, clear() {} };
  const draw: Reporter['draw'] = ({ place, share, rest }) => {
    if (!stream.isTTY) {
      const now = performance.now();
      if (now - spokenAt < plainMilliseconds) return;
      spokenAt = now;
      stream.write(`${showLine(`${place}  ${rest}`)}\n`);
      return;
    }
    const filled = Math.round(barWidth * share);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
    // A line longer than the terminal would wrap, and could not be drawn over.
    const line = showLine(`${place} ${bar} ${rest}`).slice(0, (stream.columns ?? 80) - 1);
    stream.write(`\r\u001b[K${color ? line.replace(bar, `\u001b[36m${bar}\u001b[39m`) : line}`);
    drawn = true;
  };
  return {
    clear,
    draw,
    say: stay,
    warn: stay,
    progress: (name, progress) => draw(describeFit(name, progress)),
  };
}
