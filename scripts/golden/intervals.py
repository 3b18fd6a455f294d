"""
Golden file for hitscan's prediction intervals: `python3 scripts/golden/intervals.py` writes
packages/core/src/intervals/golden/intervals.json.

Conformal margins and intervals straight from the papers' definitions, with ranks in exact fractions and sorting alone
(Romano et al. 2019; Barber et al. 2021); Wilson's interval and normal quantiles as SciPy has them; the ranked probability
score of a Gaussian as an integral, worked out numerically; pinball losses as scikit-learn has them.
"""

import json
import math
import pathlib
import platform
from fractions import Fraction

import numpy
import scipy
import sklearn
from scipy.integrate import quad
from scipy.stats import binomtest, norm
from sklearn.metrics import mean_pinball_loss

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/intervals/golden/intervals.json"

COVERAGES = [0.5, 0.55, 0.8, 0.9, 0.95, 0.99]
LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]


def exact(coverage):
    return Fraction(str(coverage))


def upper(values, coverage):
    """The ceil(coverage * (n + 1))-th smallest value, infinite where there are too few."""
    rank = math.ceil(exact(coverage) * (len(values) + 1))
    return math.inf if rank > len(values) else sorted(values)[rank - 1]


def lower(values, coverage):
    """The floor((1 - coverage) * (n + 1))-th smallest value, infinitely low where there is none."""
    rank = math.floor((1 - exact(coverage)) * (len(values) + 1))
    return -math.inf if rank < 1 else sorted(values)[rank - 1]


def tidy(low, high):
    clip = lambda value: min(100.0, max(0.0, float(value)))
    if low > high:
        low = high = (low + high) / 2
    return [clip(low), clip(high)]


def finite(value):
    return None if math.isinf(value) else float(value)


def margins(rng):
    cases = []
    for count in [1, 2, 9, 19, 99, 100]:
        scores = numpy.round(20 * rng.random(count), 1)
        found = [finite(upper(scores.tolist(), coverage)) for coverage in COVERAGES]
        cases.append({"scores": scores.tolist(), "margins": found})
    return cases


def split(rng):
    known = numpy.round(100 * rng.random(60), 2)
    predicted = numpy.round(0.6 * known + 20 + 12 * rng.normal(size=60), 2)
    deviation = numpy.round(4 + 10 * rng.random(60), 2)
    quantiles = predicted[:, None] + norm.ppf(LEVELS)[None, :] * 0.7 * deviation[:, None]
    quantiles = numpy.round(numpy.clip(quantiles, 0, 100), 3)
    calibration, test = slice(0, 45), slice(45, 60)
    cases = []
    for coverage in [0.5, 0.8, 0.9]:
        residual = numpy.abs(known - predicted)[calibration]
        ends = [LEVELS.index(round((1 - coverage) / 2, 6)), LEVELS.index(round((1 + coverage) / 2, 6))]
        low, high = quantiles[:, ends[0]], quantiles[:, ends[1]]
        absolute = upper(residual, coverage)
        normalised = upper(residual / deviation[calibration], coverage)
        band = upper(numpy.maximum(low - known, known - high)[calibration], coverage)
        rows = range(45, 60)
        cases.append(
            {
                "coverage": coverage,
                "absolute": [tidy(predicted[i] - absolute, predicted[i] + absolute) for i in rows],
                "normalised": [
                    tidy(predicted[i] - normalised * deviation[i], predicted[i] + normalised * deviation[i])
                    for i in rows
                ],
                "quantiles": [tidy(low[i] - band, high[i] + band) for i in rows],
            }
        )
    parts = lambda values: {"known": values[calibration].ravel().tolist(), "test": values[test].ravel().tolist()}
    return {
        "levels": LEVELS,
        "actual": parts(known),
        "predicted": parts(predicted),
        "deviation": parts(deviation),
        "quantiles": parts(quantiles),
        "cases": cases,
    }


def cross(rng, sizes, test):
    """Models of the folds that disagree, with tied residuals."""
    folds = []
    for size in sizes:
        residuals = numpy.round(25 * rng.random(size))
        predicted = numpy.round(45 + 15 * rng.normal(size=test), 1)
        folds.append({"residuals": residuals.tolist(), "predicted": predicted.tolist()})
    found = []
    for coverage in COVERAGES:
        intervals = []
        for row in range(test):
            pairs = [(fold["predicted"][row], residual) for fold in folds for residual in fold["residuals"]]
            low = lower([mean - residual for mean, residual in pairs], coverage)
            high = upper([mean + residual for mean, residual in pairs], coverage)
            intervals.append(tidy(low, high))
        found.append(intervals)
    return {"folds": folds, "intervals": found}


def gaussian_crps(value, mean, deviation):
    share = lambda x: norm.cdf((x - mean) / deviation)
    reach = 40 * deviation + abs(value - mean)
    below = quad(lambda x: share(x) ** 2, mean - reach, value, epsabs=1e-12, epsrel=1e-12, limit=500, points=[min(mean, value)])
    above = quad(
        lambda x: norm.sf((x - mean) / deviation) ** 2,
        value,
        mean + reach,
        epsabs=1e-12,
        epsrel=1e-12,
        limit=500,
        points=[max(mean, value)],
    )
    return below[0] + above[0]


def distributions(rng):
    actual = numpy.round(100 * rng.random(24), 1)
    mean = numpy.round(50 + 15 * rng.normal(size=24), 2)
    deviation = numpy.round(0.5 + 20 * rng.random(24), 2)
    quantiles = numpy.round(mean[:, None] + norm.ppf(LEVELS)[None, :] * deviation[:, None], 3)
    weighted = []
    for row in range(24):
        losses = [mean_pinball_loss(actual[row : row + 1], quantiles[row, k : k + 1], alpha=q) for k, q in enumerate(LEVELS)]
        weighted.append(2 * numpy.trapezoid([0, *losses, 0], [0, *LEVELS, 1]))
    shares, _ = numpy.histogram(norm.cdf((actual - mean) / deviation), bins=10, range=(0, 1))
    reach = norm.ppf([(1 + c) / 2 for c in COVERAGES])
    return {
        "actual": actual.tolist(),
        "mean": mean.tolist(),
        "deviation": deviation.tolist(),
        "levels": LEVELS,
        "quantiles": quantiles.ravel().tolist(),
        "gaussianScores": [gaussian_crps(*row) for row in zip(actual, mean, deviation)],
        "quantileScores": [float(value) for value in weighted],
        "transforms": (shares / 24).tolist(),
        "bands": [[(mean - r * deviation).tolist(), (mean + r * deviation).tolist()] for r in reach],
    }


def wilson():
    cases = []
    for successes, trials in [(0, 1), (1, 1), (0, 20), (20, 20), (45, 50), (450, 500), (4321, 4771)]:
        low, high = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
        cases.append({"successes": successes, "trials": trials, "low": float(low), "high": float(high)})
    return cases


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    rng = numpy.random.default_rng(20240611)
    document = {
        "writer": "scripts/golden/intervals.py",
        "versions": FOUND,
        "coverages": COVERAGES,
        "margins": margins(rng),
        "split": split(rng),
        "cross": [cross(rng, [9, 10, 8, 9, 11], 12), cross(rng, [1] * 14, 8), cross(rng, [7, 120, 30], 12)],
        "distributions": distributions(rng),
        "wilson": wilson(),
    }
    OUTPUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
