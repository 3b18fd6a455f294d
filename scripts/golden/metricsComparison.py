"""
Golden file for hitscan's comparison of models: `python3 scripts/golden/metricsComparison.py` writes
packages/core/src/compare/golden/metricsComparison.json.

Two models under repeated folds: scikit-learn's figures in every fold, and the corrected resampled t of their differences
written out with NumPy and SciPy. Intervals and p of given resamples, alike.
Holm's correction by statsmodels.
"""

import json
import math
import pathlib
import platform

import numpy
import scipy
import sklearn
import statsmodels
from scipy.stats import t
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error
from statsmodels.stats.multitest import multipletests

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1", "statsmodels": "0.15.0"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
    "statsmodels": statsmodels.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/compare/golden/metricsComparison.json"


def share_within(limit):
    return lambda actual, predicted: float(numpy.mean(numpy.abs(predicted - actual) <= limit))


FIGURES = {
    "mse": mean_squared_error,
    "rmse": root_mean_squared_error,
    "mae": mean_absolute_error,
    "r2": r2_score,
    "within5": share_within(5),
    "within10": share_within(10),
}


def resampled_t(differences, ratio):
    count = len(differences)
    value = numpy.mean(differences)
    error = math.sqrt(numpy.var(differences, ddof=1) * (1 / count + ratio))
    low, high = t.interval(0.95, count - 1, loc=value, scale=error)
    return {"value": value, "standardError": error, "low": low, "high": high,
            "p": 2 * t.sf(abs(value) / error, count - 1)}


def over_repeats(figure, actual, predicted, repeats):
    """Each row once, with the mean of its squared or absolute errors, or hits of a limit, over repeats."""
    error = numpy.stack([predicted[r] - actual for r in range(repeats)])
    if figure == "mae":
        return numpy.abs(error).mean()
    if figure.startswith("within"):
        return (numpy.abs(error) <= float(figure[6:])).mean()
    square = (error**2).mean()
    return {"mse": square, "rmse": math.sqrt(square), "r2": 1 - square / numpy.var(actual)}[figure]


def folds(rng):
    rows, repeats, count = 90, 3, 4
    actual = rng.integers(0, 101, size=rows).astype(float)
    models = {
        name: numpy.round(50 + 0.3 * (actual - 50) + noise * rng.normal(size=(repeats, rows)), 2)
        for name, noise in (("first", 14), ("second", 9))
    }
    parts, found = [], {figure: {name: [] for name in models} for figure in FIGURES}
    for repeat in range(repeats):
        # Folds of unequal size.
        for fold, held in enumerate(numpy.array_split(rng.permutation(rows), [20, 41, 67])):
            parts.append({"repeat": repeat, "fold": fold, "rows": held.tolist()})
            for figure, measure in FIGURES.items():
                for name, predicted in models.items():
                    found[figure][name].append(measure(actual[held], predicted[repeat, held]))
    ratio = numpy.mean([len(part["rows"]) / (rows - len(part["rows"])) for part in parts])
    expected = {}
    for figure, by_name in found.items():
        differences = numpy.subtract(by_name["second"], by_name["first"])
        second, first = (over_repeats(figure, actual, models[name], repeats) for name in ("second", "first"))
        expected[figure] = {"difference": second - first, "resampledT": resampled_t(differences, ratio)}
    assert len(parts) == repeats * count
    return {"actual": actual.tolist(), "models": {name: p.tolist() for name, p in models.items()}, "folds": parts,
            "expected": expected}


def resamples(value, values, clusters):
    error = numpy.std(values, ddof=1) * math.sqrt(clusters / (clusters - 1))
    low, high = t.interval(0.95, clusters - 1, loc=value, scale=error)
    return {"values": values.tolist(), "clusters": clusters, "value": value, "standardError": error, "low": low,
            "high": high, "p": 2 * t.sf(abs(value) / error, clusters - 1)}


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    rng = numpy.random.default_rng(20240610)
    values = numpy.round(0.5 + rng.normal(size=400), 4)
    cases = [resamples(value, values, clusters) for value, clusters in ((0.5, 300), (-2.1, 12), (4.0, 5000), (2.5, 2))]
    holm = [[0.01, 0.04, 0.03, 0.005], [0.2], [0.5, 0.5, 0.9], [0.0, 1.0, 0.02, 0.02], rng.random(12).tolist()]
    document = {
        "writer": "scripts/golden/metricsComparison.py",
        "versions": FOUND,
        "folds": folds(rng),
        "resamples": cases,
        "holm": [{"p": p, "corrected": multipletests(p, method="holm")[1].tolist()} for p in holm],
    }
    OUTPUT.write_text(json.dumps(document, separators=(",", ":"), allow_nan=False) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
