"""
Golden file for hitscan's explanations: `python3 scripts/golden/explanation.py` writes
packages/core/src/explain/golden/explanation.json.

  linear   standardised coefficients, as statsmodels fits them to standardised columns, and its variance inflation factors
  shapley  exact interventional Shapley values of the package shap for two models of 13 features: products and a square,
           and a small forest of scikit-learn's, whose trees are in the file; shap's TreeExplainer has to agree with the latter
"""

import json
import pathlib
import platform

import numpy
import shap
import sklearn
import statsmodels
import statsmodels.api
from sklearn.ensemble import RandomForestRegressor
from statsmodels.stats.outliers_influence import variance_inflation_factor

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scikit-learn": "1.9.1", "statsmodels": "0.15.0", "shap": "0.51.0"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scikit-learn": sklearn.__version__,
    "statsmodels": statsmodels.__version__,
    "shap": shap.__version__,
}
OUTPUT = (
    pathlib.Path(__file__).resolve().parents[2]
    / "packages/core/src/explain/golden/explanation.json"
)
FEATURES = 13


def round_to(values, digits):
    """Each value to that many decimal places: short in the file, exact on both sides."""
    return numpy.round(values, digits)


def linear(rng):
    x = rng.normal(size=(60, 4))
    x[:, 1] = 0.9 * x[:, 0] + 0.4 * x[:, 1]
    x[:, 2] = 200 + 30 * (x[:, 1] + x[:, 2])
    x = round_to(x, 4)
    y = round_to(50 + x @ numpy.array([3, -2, 0.05, 0]) + 4 * rng.normal(size=60), 2)
    standard = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    scaled = statsmodels.api.OLS((y - y.mean()) / y.std(ddof=1), standard).fit()
    design = statsmodels.api.add_constant(x)
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "deviation": y.std(ddof=1),
        "pointsPerDeviation": statsmodels.api.OLS(y - y.mean(), standard).fit().params.tolist(),
        "standardised": scaled.params.tolist(),
        "inflation": [variance_inflation_factor(design, column + 1) for column in range(4)],
    }


def products(x):
    return x[:, 0] * x[:, 1] + x[:, 2] ** 2 + 4 * x[:, 3] * x[:, 4] * x[:, 6] - 2 * x[:, 12]


def explain(predict, background, song):
    explainer = shap.explainers.Exact(predict, shap.maskers.Independent(background, max_samples=len(background)))
    found = explainer(song[None])
    assert abs(found.values.sum() + found.base_values[0] - predict(song[None])[0]) < 1e-10
    return {"base": float(found.base_values[0]), "values": found.values[0].tolist()}


def shapley(rng):
    # Multiples of 2⁻¹⁰: the forest compares them as float32, hitscan's test as float64.
    background = rng.integers(0, 1024, size=(8, FEATURES)) / 1024
    song = rng.integers(0, 1024, size=FEATURES) / 1024
    x = rng.uniform(size=(300, FEATURES))
    y = 60 + 20 * x[:, 3] * x[:, 7] - 10 * numpy.abs(x[:, 1] - 0.5) + 5 * x[:, 10] + rng.normal(size=300)
    forest = RandomForestRegressor(n_estimators=5, max_depth=3, random_state=1).fit(x, y)
    by_forest = explain(forest.predict, background, song)
    by_tree = shap.TreeExplainer(forest, background, feature_perturbation="interventional").shap_values(song[None])[0]
    assert numpy.abs(by_tree - by_forest["values"]).max() < 1e-4
    trees = [
        {
            "feature": tree.tree_.feature.tolist(),
            "threshold": tree.tree_.threshold.tolist(),
            "left": tree.tree_.children_left.tolist(),
            "right": tree.tree_.children_right.tolist(),
            "value": tree.tree_.value[:, 0, 0].tolist(),
        }
        for tree in forest.estimators_
    ]
    return {
        "background": background.tolist(),
        "song": song.tolist(),
        "trees": trees,
        "products": explain(products, background, song),
        "forest": by_forest,
    }


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    rng = numpy.random.default_rng(20240608)
    document = {
        "writer": "scripts/golden/explanation.py",
        "versions": FOUND,
        "linear": linear(rng),
        "shapley": shapley(rng),
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
