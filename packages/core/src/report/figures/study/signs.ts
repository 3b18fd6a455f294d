import * as Plot from '@observablehq/plot';
import { palette } from '../draw.ts';

/** A place in the units of both axes. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A trial that ran to its end: a dot. */
export function drawComplete(places: readonly Place[]) {
  return Plot.dot(places, { x: 'x', y: 'y', r: 2.5, fill: palette.first, fillOpacity: 0.8 });
}

/** A trial that was ended early: a cross, in the colour of the text. */
export function drawPruned(places: readonly Place[]) {
  return Plot.dot(places, {
    x: 'x',
    y: 'y',
    r: 2.2,
    symbol: 'times',
    stroke: 'currentColor',
    strokeOpacity: 0.55,
    strokeWidth: 1.2,
  });
}

/** Where the name of the best trial stands, beside its ring. */
export interface NamePlace {
  /** 0 at the left end of the frame, 1 at the right. */
  readonly share: number;
  readonly above: boolean;
}

/** The page's background around letters, so that they can be read over lines and dots. */
export const halo = { stroke: 'var(--back, #fff)', strokeWidth: 4 } as const;

/** The name of a trial beside its sign. */
export function drawName(place: Place, name: string, { share, above }: NamePlace) {
  return Plot.text([place], {
    x: 'x',
    y: 'y',
    text: () => name,
    textAnchor: share < 0.15 ? 'start' : share > 0.85 ? 'end' : 'middle',
    dy: above ? -15 : 15,
    fill: 'currentColor',
    fontWeight: 'bold',
    ...halo,
  });
}

/** The best trial: a ring with a name. */
export function drawBest(place: Place, name: string, where: NamePlace) {
  const ring = Plot.dot([place], { x: 'x', y: 'y', r: 5.5, stroke: palette.second, strokeWidth: 2.2 });
  return [drawName(place, name, where), ring];
}

/** The panels' keys of these signs, drawn by classes in `style.ts`. */
export const signKeys = {
  complete: { sign: 'dot', label: 'complete trial' },
  pruned: { sign: 'cross', label: 'pruned trial: its last report' },
  best: { sign: 'ring', label: 'best trial' },
} as const;
