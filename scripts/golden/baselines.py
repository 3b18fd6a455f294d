"""
Golden file for hitscan's baselines: `python3 scripts/golden/baselines.py` writes
packages/core/src/models/golden/baselines.json.

What scikit-learn makes of small tables: coefficients of Ridge and Lasso along a path of penalties, of
LogisticRegression at several C, one of them on classes that can be separated, and predictions of one
DecisionTreeRegressor, with values missing and without. Every run checks what was iterated against the conditions of the
optimum.
"""

import json
import pathlib
import platform

import numpy
import sklearn
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.tree import DecisionTreeRegressor

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scikit-learn": "1.9.1"}
FOUND = {"python": platform.python_version(), "numpy": numpy.__version__, "scikit-learn": sklearn.__version__}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/models/golden/baselines.json"


def make(rng, rows, columns):
    """Columns of unequal scales; the third is nearly the sum of the first two."""
    x = rng.normal(size=(rows, columns)) * rng.uniform(0.2, 5, size=columns) + rng.normal(size=columns)
    x[:, 2] = x[:, 0] + x[:, 1] + 0.01 * rng.normal(size=rows)
    y = x @ rng.normal(size=columns) * 3 + rng.normal(size=rows) * 6 + 50
    return numpy.round(x, 5), numpy.round(y, 4)


def fit_ridge(x, y, penalties):
    fits = [Ridge(alpha=penalty).fit(x, y) for penalty in penalties]
    return [{"penalty": p, "intercept": f.intercept_, "coefficients": f.coef_.tolist()} for p, f in zip(penalties, fits)]


def fit_lasso(x, y, penalties):
    found = []
    for penalty in penalties:
        fit = Lasso(alpha=penalty, tol=1e-15, max_iter=10_000_000).fit(x, y)
        slopes = x.T @ (y - fit.predict(x)) / len(y)
        active = fit.coef_ != 0
        worst = max([0, *numpy.abs(slopes[active] - penalty * numpy.sign(fit.coef_[active]))])
        assert worst < 1e-9 and numpy.all(numpy.abs(slopes[~active]) <= penalty + 1e-9), (penalty, worst)
        found.append({"penalty": penalty, "intercept": fit.intercept_, "coefficients": fit.coef_.tolist()})
    return found


def fit_logistic(x, labels, strengths):
    found = []
    for strength in strengths:
        fit = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(x, labels)
        gradient = fit.coef_[0] + strength * x.T @ (fit.predict_proba(x)[:, 1] - labels)
        other = LogisticRegression(C=strength, solver="lbfgs", tol=1e-14, max_iter=1_000_000).fit(x, labels)
        apart = numpy.max(numpy.abs(fit.coef_ / other.coef_ - 1))
        print(f"C {strength}: gradient {numpy.max(numpy.abs(gradient)):.1e}, lbfgs {apart:.1e} apart")
        assert numpy.max(numpy.abs(gradient)) < 1e-8 and apart < 1e-5
        found.append({"C": strength, "intercept": fit.intercept_[0], "coefficients": fit.coef_[0].tolist()})
    return found


def fit_tree(x, y, minimum_leaf, depth):
    tree = DecisionTreeRegressor(min_samples_leaf=minimum_leaf, max_depth=depth, random_state=0).fit(x, y)
    return {"minimumLeaf": minimum_leaf, "depth": depth, "leaves": int(tree.get_n_leaves()), "predicted": tree.predict(x).tolist()}


def hide(rng, x):
    return numpy.where(rng.uniform(size=x.shape) < 0.15, numpy.nan, x)


def listed(x):
    return [None if numpy.isnan(value) else value for value in x.ravel().tolist()]


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    rng = numpy.random.default_rng(20240607)
    x, y = make(rng, 90, 6)
    standard = numpy.round((x - x.mean(axis=0)) / x.std(axis=0), 6)
    mixed = (y + rng.normal(size=len(y)) * 8 > numpy.median(y)).astype(int)
    separable = (standard[:, 0] + standard[:, 3] > 0.2).astype(int)
    gaps = hide(rng, x)
    document = {
        "writer": "scripts/golden/baselines.py",
        "versions": FOUND,
        "rows": len(y),
        "columns": x.shape[1],
        "x": x.ravel().tolist(),
        "y": y.tolist(),
        "standard": standard.ravel().tolist(),
        "ridge": fit_ridge(x, y, [1e4, 100.0, 1.0, 0.01]),
        "lasso": fit_lasso(x, y, [20.0, 5.0, 1.0, 0.1, 0.01]),
        "logistic": [
            {"name": "mixed", "labels": mixed.tolist(), "fits": fit_logistic(standard, mixed, [1e-3, 1.0, 100.0])},
            {"name": "separable", "labels": separable.tolist(), "fits": fit_logistic(standard, separable, [1.0, 1000.0])},
        ],
        "trees": [
            {"name": "known", "x": listed(x), "fits": [fit_tree(x, y, 1, None), fit_tree(x, y, 5, None), fit_tree(x, y, 3, 3)]},
            {"name": "gaps", "x": listed(gaps), "fits": [fit_tree(gaps, y, 5, None), fit_tree(gaps, y, 8, 4)]},
        ],
    }
    OUTPUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
