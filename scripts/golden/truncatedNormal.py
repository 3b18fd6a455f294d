"""
Golden file for hitscan's truncated normal distribution: `python3 scripts/golden/truncatedNormal.py` writes
packages/core/src/tune/samplers/golden/truncatedNormal.json.

The definitions in 60 digits, rounded to float64: ln Φ(x); ln(Φ(b) − Φ(a)); and, for shares q of the mass between a and b, the x
with Φ(x) − Φ(a) = q (Φ(b) − Φ(a)).
"""

import json
import pathlib
import platform

import mpmath

PINNED = {"python": "3.11.7", "mpmath": "1.3.0"}
FOUND = {"python": platform.python_version(), "mpmath": mpmath.__version__}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/tune/samplers/golden/truncatedNormal.json"

mpmath.mp.dps = 60
POINTS = [-1000, -40, -20.5, -20, -19.5, -6, -2.5, -1, -0.3, -1e-3, 0, 1e-3, 0.3, 1, 2.5, 5.9, 6.1, 8, 30]
INTERVALS = [
    (-0.5, 0.5), (-1, 2), (-100, 100), (-0.01, 5), (-3, 0), (0, 3), (-1e-3, 1e-3), (1, 1.01), (2, 7), (-7, -2),
    (5, 6), (-12, -11), (19, 21), (-21, -19), (30, 30.5), (-60, -50), (100, 101), (-1000, -999), (-8, 8), (0.25, 40),
]
SHARES = [1e-12, 1e-6, 0.01, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9]


def upper(x):
    """1 − Φ(x), where it is the smaller one with all its digits."""
    return mpmath.erfc(mpmath.mpf(x) / mpmath.sqrt(2)) / 2


def mass(a, b):
    return upper(a) - upper(b) if a > 0 else upper(-b) - upper(-a)


def quantile(q, a, b):
    low, high = mpmath.mpf(a), mpmath.mpf(b)
    below = mpmath.mpf(q) * mass(a, b)
    for _ in range(180):
        middle = (low + high) / 2
        if mass(a, middle) < below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def write():
    golden = {
        "shares": [[x, float(mpmath.log(upper(-x)))] for x in POINTS],
        "masses": [[a, b, float(mpmath.log(mass(a, b)))] for a, b in INTERVALS],
        "quantiles": [[q, a, b, float(quantile(q, a, b))] for a, b in INTERVALS for q in SHARES],
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if FOUND != PINNED:
        print(f"made with {FOUND} instead of {PINNED}")
    write()
