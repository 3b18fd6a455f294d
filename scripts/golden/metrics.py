"""
Golden file for hitscan's metrics: `python3 scripts/golden/metrics.py` writes
packages/core/src/metrics/golden/metrics.json.

scikit-learn's and SciPy's figures for small sets of actual and predicted values, ties among them. What they leave
undefined is null.
"""

import json
import math
import pathlib
import platform

import numpy
import scipy
import sklearn
from scipy.stats import kendalltau, linregress, spearmanr
from sklearn.metrics import mean_absolute_error, mean_squared_error, median_absolute_error, r2_score

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/metrics/golden/metrics.json"


def defined(value):
    return None if math.isnan(value) else float(value)


def case(name, actual, predicted):
    mse = mean_squared_error(actual, predicted)
    error = numpy.abs(predicted - actual)
    # SciPy refuses a line through points above one place.
    line = linregress(predicted, actual) if numpy.ptp(predicted) > 0 else None
    constant = numpy.ptp(actual) == 0
    return {
        "name": name,
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "mae": mean_absolute_error(actual, predicted),
        "medianAbsoluteError": median_absolute_error(actual, predicted),
        # scikit-learn calls R² of constant actual values 0 or 1.
        "r2": None if constant else r2_score(actual, predicted),
        "spearman": defined(spearmanr(actual, predicted).statistic),
        "kendall": defined(kendalltau(actual, predicted).statistic),
        "within5": numpy.mean(error <= 5),
        "within10": numpy.mean(error <= 10),
        "bias": numpy.mean(predicted - actual),
        "calibrationSlope": line and line.slope,
        "calibrationIntercept": line and line.intercept,
        "spread": None if constant else numpy.std(predicted) / numpy.std(actual),
    }


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    rng = numpy.random.default_rng(20240608)
    popularity = rng.integers(0, 101, size=300).astype(float)
    near = numpy.round(0.4 * popularity + 30 + 10 * rng.normal(size=300), 4)
    cases = [
        case("integers with ties", popularity, near),
        case("ties on both sides", numpy.round(popularity / 10), numpy.round(near / 10)),
        case("reversed", popularity[:40], 100 - popularity[:40]),
        case("worse than the mean", popularity[:60], numpy.round(100 * rng.random(60), 4)),
        case("two rows", numpy.array([1.0, 2.0]), numpy.array([1.5, 1.75])),
        case("large offset", 1e6 + popularity, 1e6 + near),
        case("errors of exactly 5 and 10", popularity[:12], popularity[:12] + numpy.tile([5.0, -5.0, 10.0, -10.0], 3)),
        case("constant predictions", popularity[:25], numpy.full(25, 40.5)),
        case("constant actual values", numpy.full(25, 40.5), near[:25]),
        case("mostly zeros", numpy.where(popularity > 97, popularity, 0), near),
    ]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    document = {"writer": "scripts/golden/metrics.py", "versions": FOUND, "cases": cases}
    OUTPUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
