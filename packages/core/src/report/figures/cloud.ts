import * as Plot from '@observablehq/plot';
import { palette } from './draw.ts';

/** Paths that a cloud is cut into, so that dots of different paths show through one another. */
const layers = 8;

export interface CloudPoint {
  readonly x: number;
  readonly y: number;
}

/**
 * Many dots in the first colour, as lines of no length with round ends: a third of the bytes of as many circles. Dots of one
 * path do not darken where they overlap, so every eighth is in the same path.
 */
export function drawCloud(
  points: readonly CloudPoint[],
  { r, opacity }: { readonly r: number; readonly opacity: number },
): Plot.Markish {
  const render: Plot.RenderFunction = (index, _scales, { x, y }, _dimensions, { document }) => {
    const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    group.setAttribute('fill', 'none');
    group.setAttribute('stroke', palette.first);
    group.setAttribute('stroke-opacity', String(opacity));
    group.setAttribute('stroke-linecap', 'round');
    group.setAttribute('stroke-width', String(2 * r));
    for (let layer = 0; layer < Math.min(layers, index.length); layer++) {
      let d = '';
      for (let k = layer; k < index.length; k += layers) d += `M${x?.[index[k]]},${y?.[index[k]]}h0`;
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', d);
      group.append(path);
    }
    return group;
  };
  return Plot.dot(points, { x: 'x', y: 'y', r, render });
}
