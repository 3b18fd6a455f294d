"""
Golden file for hitscan's metrics: `python3 scripts/golden/metrics.py` writes
packages/hitscan/src/evaluate/golden/metrics.json.

scikit-learn's and SciPy's figures for small sets of actual and predicted values, ties among them.
"""

import json
import math
import pathlib
import platform

import numpy
import scipy
import sklearn
from scipy.stats import spearmanr
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/hitscan/src/evaluate/golden/metrics.json"


def case(name, actual, predicted):
    mse = mean_squared_error(actual, predicted)
    return {
        "name": name,
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "mae": mean_absolute_error(actual, predicted),
        "r2": r2_score(actual, predicted),
        "spearman": spearmanr(actual, predicted).statistic,
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
    ]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    document = {"writer": "scripts/golden/metrics.py", "versions": FOUND, "cases": cases}
    OUTPUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
