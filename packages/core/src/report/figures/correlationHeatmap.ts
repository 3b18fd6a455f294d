import * as Plot from '@observablehq/plot';
import { spearmanCorrelation } from '../../statistics/ranks.ts';
import { formatNumber, typeset } from '../text/format.ts';
import { type DrawingDocument, drawPlot, palette, shorten } from './draw.ts';

/** Values of the same songs in the same order. Shapes: values (rows); NaN where not known. */
export interface NamedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** Rank correlations of columns with one another. Shapes: correlations (columns, columns); null where undefined. */
export interface CorrelationTable {
  readonly names: readonly string[];
  readonly correlations: readonly (readonly (number | null)[])[];
}

/** Spearman's correlation of every two columns over the rows that have both; null for fewer than two, or constants. */
export function correlateColumns(columns: readonly NamedColumn[]): CorrelationTable {
  const correlate = (a: Float64Array, b: Float64Array) => {
    const known = Uint32Array.from(a.keys()).filter((i) => !Number.isNaN(a[i] + b[i]));
    const pick = (values: Float64Array) => Float64Array.from(known, (i) => values[i]);
    return known.length < 2 ? null : spearmanCorrelation(pick(a), pick(b));
  };
  const below = columns.map(({ values }, i) => columns.slice(0, i + 1).map((other) => correlate(values, other.values)));
  return {
    names: columns.map(({ name }) => name),
    correlations: columns.map((_, i) => columns.map((_, j) => (j <= i ? below[i][j] : below[j][i]))),
  };
}

/**
 * The rank correlations below the diagonal as a table of numbers, the fuller the stronger: positive ones in the first
 * colour, negative ones in the second. The last column given is the bottom row. Twice as wide as other figures.
 */
export function drawCorrelations(document: DrawingDocument, table: CorrelationTable): string {
  const { names, correlations } = table;
  const count = names.length;
  const cells = correlations.flatMap((row, i) => row.slice(0, i).map((value, j) => ({ i, j, value })));
  const select = (sign: number) => cells.filter(({ value }) => value !== null && Math.sign(value) === sign);
  const name = (i: number) => shorten(names[i], 17);
  return drawPlot(document, describeCorrelations(table), {
    width: 720,
    height: 100 + 27 * Math.max(1, count - 1),
    marginLeft: 118,
    marginRight: 24,
    marginTop: 10,
    marginBottom: 90,
    x: {
      label: null,
      type: 'band',
      domain: names.slice(0, -1).map((_, j) => j),
      tickFormat: name,
      tickRotate: -35,
      tickSize: 0,
      padding: 0.04,
    },
    y: {
      label: null,
      type: 'band',
      domain: names.slice(1).map((_, i) => i + 1),
      tickFormat: name,
      tickSize: 0,
      padding: 0.06,
    },
    marks: [
      ...[1, -1].map((sign) =>
        Plot.cell(select(sign), {
          x: 'j',
          y: 'i',
          fill: sign > 0 ? palette.first : palette.second,
          // Text keeps its contrast up to three quarters.
          fillOpacity: ({ value }: { value: number }) => 0.75 * Math.abs(value),
        }),
      ),
      Plot.text(cells, {
        x: 'j',
        y: 'i',
        text: ({ value }: { value: number | null }) => typeset(formatNumber(value, 2)),
        fill: 'currentColor',
      }),
    ],
  });
}

/** The strongest correlation with the last column, and the strongest of two others. */
export function describeCorrelations({ names, correlations }: CorrelationTable): string {
  const last = names.length - 1;
  const pairs = correlations.flatMap((row, i) =>
    row.slice(0, i).flatMap((value, j) => (value === null ? [] : [{ i, j, value }])),
  );
  const strongest = (some: typeof pairs) =>
    some.reduce<(typeof pairs)[number] | null>(
      (most, pair) => (most && Math.abs(most.value) >= Math.abs(pair.value) ? most : pair),
      null,
    );
  const own = strongest(pairs.filter(({ i }) => i === last));
  const other = strongest(pairs.filter(({ i }) => i !== last));
  if (!own) return 'No correlation is defined.';
  const number = (value: number) => typeset(formatNumber(value, 2));
  const lead = `${names[own.j]} correlates most with ${names[last]}, ${number(own.value)}`;
  return other
    ? `${lead}; among the other pairs, ${names[other.i]} and ${names[other.j]} correlate most, ${number(other.value)}.`
    : `${lead}.`;
}
