import type { TrainingOutcome } from '../../evaluate/results.ts';
import { tabulateCoefficients } from '../../explain/coefficientTable.ts';
import type { LinearInference } from '../../models/inference.ts';
import type { Parts } from '../../parts.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { drawEffects } from '../figures/effects.ts';
import { escapeHtml, renderFigure, renderTable } from '../html.ts';
import { formatCount, formatNumber, formatProbability, formatSignificant, typeset } from '../text/format.ts';

export function renderLinear(
  document: DrawingDocument,
  linear: LinearInference,
  { data }: TrainingOutcome,
  parts: Parts,
): string {
  return [
    parts.attempt('table of coefficients', '', () => renderCoefficients(linear, data.unknown)),
    parts.attempt('figure of coefficients', '', () => renderEffects(document, linear)),
  ].join('');
}

/**
 * The coefficient table of the linear regression as HTML, followed by a line on the whole fit. `unknown`: features of which no
 * song has a value.
 */
export function renderCoefficients(inference: LinearInference, unknown: readonly string[] = []): string {
  const head = [
    'term',
    'coefficient',
    'standard error',
    't',
    'p',
    '95 % low',
    '95 % high',
    'per std. dev.',
    'standardised',
    'VIF',
  ];
  const rows = tabulateCoefficients(inference).terms.map((term) => {
    const why = unknown.includes(term.name) ? 'unknown in every song' : 'aliased';
    if (term.aliased) return [`${term.name} (${why})`, '0', ...new Array<string>(8).fill('–')];
    return [
      term.name,
      ...[
        formatSignificant(term.coefficient, 4),
        formatSignificant(term.standardError),
        formatNumber(term.t, 2),
        formatProbability(term.p),
        formatSignificant(term.low, 4),
        formatSignificant(term.high, 4),
        formatNumber(term.pointsPerDeviation, 2),
        formatNumber(term.standardised, 3),
        formatNumber(term.inflation, 2),
      ].map(typeset),
    ];
  });
  const caption =
    'Linear regression: points of popularity per unit of each feature, fitted on training and validation songs';
  const cells = head.map((label) => ({ label }));
  return `${renderTable('coefficients-caption', caption, cells, rows)}
<p class="note">${describeFit(inference, unknown)}</p>`;
}

function describeFit(inference: LinearInference, unknown: readonly string[]): string {
  const { rows, r2, adjustedR2, f, fP, modelDegrees, residualDegrees, residualStandardError, terms } = inference;
  const parts = [
    `n = ${formatCount(rows)}`,
    `R² = ${typeset(formatNumber(r2, 4))}`,
    `adjusted R² = ${typeset(formatNumber(adjustedR2, 4))}`,
    `F(${modelDegrees}, ${residualDegrees}) = ${formatNumber(f, 2)}, ${describeProbability(fP)}`,
    `residual standard error ${formatNumber(residualStandardError, 2)} on ${formatCount(residualDegrees)} degrees of freedom`,
  ];
  const aliased = terms.some((term) => term.aliased && !unknown.includes(term.name))
    ? ' An aliased feature is constant, or a linear combination of those before it, and was left out.'
    : '';
  return `${parts.join('; ')}. The intervals assume independent songs and errors of equal variance; they say nothing about causes.${aliased}`;
}

/** `p = 0.021`, `p < 0.001`; as HTML. */
function describeProbability(p: number | null): string {
  const text = formatProbability(p);
  return escapeHtml(/^[<>]/.test(text) ? `p ${text}` : `p = ${text}`);
}

/** The coefficients of the linear regression, on one scale. */
export function renderEffects(document: DrawingDocument, inference: LinearInference): string {
  if (inference.terms.slice(1).every((term) => term.aliased)) return '';
  const keys = [
    { sign: 'dot', label: 'coefficient × standard deviation' },
    { sign: 'first', label: '95 % confidence interval' },
  ];
  const panels = [{ title: 'Effect of each feature', svg: drawEffects(document, inference) }];
  const caption =
    'Where an interval includes zero, the feature has no significant effect, the other features being equal.';
  return renderFigure(keys, panels, caption);
}
