"""
Golden file for hitscan's linear regression: `python3 scripts/golden/linear.py` writes
packages/core/src/models/golden/linear.json.

Three data sets, with all that statsmodels says of an ordinary least-squares fit with an intercept:
  generic  200 x 13, comparable scales, no effect in some columns
  scaled   200 x 13, columns from 1e-6 to 2e5 as audio features have them
  strong   400 x 13, large effects: p-values far below 1e-12

The numbers of the file are the inputs, rounded, so that both sides fit the very same ones. statsmodels is given columns
scaled by powers of two, which is exact and keeps its own pseudo-inverse accurate; the coefficients are scaled back.
Every run checks statsmodels against the normal equations solved in exact rational arithmetic, and scikit-learn against
statsmodels.
"""

import json
import math
import pathlib
import platform
from fractions import Fraction

import numpy
import scipy
import sklearn
import statsmodels
import statsmodels.api
from sklearn.linear_model import LinearRegression

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scipy": "1.17.1", "statsmodels": "0.15.0", "scikit-learn": "1.9.1"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "statsmodels": statsmodels.__version__,
    "scikit-learn": sklearn.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/models/golden/linear.json"
COLUMNS = 13


def round_to(values, digits):
    """Each value to that many significant decimal digits: short in the file, exact on both sides."""
    return numpy.vectorize(lambda value: float(f"{value:.{digits}g}"))(values)


def generic(rng):
    x = rng.normal(size=(200, COLUMNS)) + rng.normal(size=COLUMNS)
    effects = rng.normal(size=COLUMNS) * (numpy.arange(COLUMNS) % 3 > 0)
    return x, 3 + x @ effects + 4 * rng.normal(size=200)


def scaled(rng):
    size = 10.0 ** numpy.array([-1, -1, 5.3, -1, -6, 0.7, -1, 1, 0, -1.5, 2, 0.6, -1])
    x = (2 + rng.normal(size=(200, COLUMNS))) * size
    return x, 60 + (x / size) @ rng.normal(size=COLUMNS) + 3 * rng.normal(size=200)


def strong(rng):
    x = rng.normal(size=(400, COLUMNS))
    effects = 2.0 ** -numpy.arange(COLUMNS)
    return x, x @ effects + rng.normal(size=400)


def solve_exactly(x, y):
    """Coefficients and standard errors from the normal equations, in rational arithmetic."""
    rows = [[Fraction(1)] + [Fraction(value) for value in row] for row in x.tolist()]
    target = [Fraction(value) for value in y.tolist()]
    size = len(rows[0])
    work = [
        [sum(row[i] * row[j] for row in rows) for j in range(size)]
        + [sum(row[i] * t for row, t in zip(rows, target))]
        + [Fraction(int(i == j)) for j in range(size)]
        for i in range(size)
    ]
    for i in range(size):
        pivot = work[i][i]
        work[i] = [value / pivot for value in work[i]]
        for k in range(size):
            if k != i:
                factor = work[k][i]
                work[k] = [a - factor * b for a, b in zip(work[k], work[i])]
    coefficients = [row[size] for row in work]
    residual = sum((t - sum(a * b for a, b in zip(row, coefficients))) ** 2 for row, t in zip(rows, target))
    variance = residual / (len(rows) - size)
    errors = [math.sqrt(variance * work[i][size + 1 + i]) for i in range(size)]
    return numpy.array([float(value) for value in coefficients]), numpy.array(errors)


def relative_error(found, expected):
    return float(numpy.max(numpy.abs(found - expected) / numpy.abs(expected)))


def fit(name, x, y):
    x, y = round_to(x, 7), round_to(y, 7)
    scale = 2.0 ** -numpy.round(numpy.log2(x.std(axis=0)))
    result = statsmodels.api.OLS(y, statsmodels.api.add_constant(x * scale)).fit()
    back = numpy.concatenate([[1.0], scale])

    coefficients, errors = solve_exactly(x, y)
    worst = max(relative_error(result.params * back, coefficients), relative_error(result.bse * back, errors))
    learned = LinearRegression().fit(x * scale, y)
    other = relative_error(learned.coef_ * scale, coefficients[1:])
    print(f"{name}: statsmodels {worst:.1e}, scikit-learn {other:.1e} from the exact solution; smallest p {min(result.pvalues):.1e}")
    assert worst < 1e-10 and other < 1e-10

    intervals = result.conf_int() * back[:, None]
    return {
        "name": name,
        "rows": len(y),
        "columns": x.shape[1],
        "x": x.ravel().tolist(),
        "y": y.tolist(),
        "coefficients": (result.params * back).tolist(),
        "standardErrors": (result.bse * back).tolist(),
        "t": result.tvalues.tolist(),
        "p": result.pvalues.tolist(),
        "low": intervals[:, 0].tolist(),
        "high": intervals[:, 1].tolist(),
        "r2": result.rsquared,
        "adjustedR2": result.rsquared_adj,
        "f": result.fvalue,
        "fP": result.f_pvalue,
        "residualStandardError": math.sqrt(result.mse_resid),
        "residualDegrees": int(result.df_resid),
        "modelDegrees": int(result.df_model),
        "predicted": result.fittedvalues[:20].tolist(),
    }


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    rng = numpy.random.default_rng(20240607)
    sets = [fit(name, *make(rng)) for name, make in [("generic", generic), ("scaled", scaled), ("strong", strong)]]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    document = {"writer": "scripts/golden/linear.py", "versions": FOUND, "sets": sets}
    OUTPUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
