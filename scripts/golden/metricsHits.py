"""
Golden file for hitscan's figures of hits and rankings: `python3 scripts/golden/metricsHits.py` writes
packages/core/src/metrics/golden/metricsHits.json.

scikit-learn's figures for small sets of popularity and scores: ties, constants, one hit among many songs, hits only. What
is undefined (NaN, or a number with a warning) is null. Precision among the first k, which scikit-learn lacks, is averaged
over all orders of equal scores by looking at every one of them.
"""

import itertools
import json
import math
import pathlib
import platform
import warnings

import numpy
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scikit-learn": "1.9.1"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scikit-learn": sklearn.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/metrics/golden/metricsHits.json"


def defined(value):
    return None if math.isnan(value) else float(value)


def calls(hit, called):
    (tn, fp), (fn, tp) = metrics.confusion_matrix(hit, called, labels=[False, True]).tolist()
    return {
        "accuracy": metrics.accuracy_score(hit, called),
        "precision": defined(metrics.precision_score(hit, called, zero_division=math.nan)),
        "recall": defined(metrics.recall_score(hit, called, zero_division=math.nan)),
        "f1": defined(metrics.f1_score(hit, called, zero_division=math.nan)),
        "confusion": {"truePositives": tp, "falsePositives": fp, "falseNegatives": fn, "trueNegatives": tn},
    }


def points(values):
    return [None if math.isinf(value) else float(value) for value in values]


def reliability(hit, scores, strategy, bins):
    observed, predicted = calibration_curve(hit, scores, strategy=strategy, n_bins=bins, pos_label=True)
    return {"bins": bins, "by": {"uniform": "width", "quantile": "count"}[strategy],
            "predicted": predicted.tolist(), "observed": observed.tolist()}


def classified(name, actual, scores, cutoff, scale, threshold, curves=False):
    hit = actual >= cutoff
    rows, hits = len(hit), int(hit.sum())
    expected = {
        "rows": rows,
        "hits": hits,
        "majorityRate": max(hits, rows - hits) / rows,
        **calls(hit, scores >= threshold),
        "rocAuc": defined(metrics.roc_auc_score(hit, scores)),
        "prAuc": float(metrics.average_precision_score(hit, scores)) if hits else None,
        "brier": metrics.brier_score_loss(hit, scores, pos_label=True) if scale == "probability" else None,
    }
    found = {"name": name, "actual": actual.tolist(), "scores": scores.tolist(), "cutoff": cutoff, "scale": scale,
             "threshold": threshold, "expected": expected}
    if curves:
        fpr, tpr, roc_thresholds = metrics.roc_curve(hit, scores)
        precision, recall, pr_thresholds = metrics.precision_recall_curve(hit, scores)
        found["curves"] = {
            "roc": {"thresholds": points(roc_thresholds), "falsePositiveRate": fpr.tolist(),
                    "truePositiveRate": tpr.tolist()},
            "precisionRecall": {"thresholds": points(pr_thresholds), "precision": precision.tolist(),
                                "recall": recall.tolist()},
            "sweep": [{"threshold": float(t), **calls(hit, scores >= t)} for t in numpy.unique(scores)],
        }
    if scale == "probability":
        found["reliability"] = [reliability(hit, scores, s, b) for s in ("uniform", "quantile") for b in (4, 10)]
    return found


def precision_over_orders(hit, scores, k):
    """Mean share of hits among the first k over all orders of the rows that are sorted by score."""
    shares = []
    for order in itertools.permutations(range(len(scores))):
        ordered = scores[list(order)]
        if (numpy.diff(ordered) <= 0).all():
            shares.append(hit[list(order[:k])].mean())
    return float(numpy.mean(shares))


def ranked(name, actual, scores, cutoff, ks):
    hit = actual >= cutoff
    distinct = len(numpy.unique(scores)) == len(scores)
    expected = []
    for k in ks:
        if distinct:
            precision = float(hit[numpy.argsort(-scores)[:k]].mean())
        else:
            precision = precision_over_orders(hit, scores, k)
        expected.append({
            "k": k,
            "precision": precision,
            "lift": precision / float(hit.mean()) if hit.any() else None,
            "ndcg": float(metrics.ndcg_score([actual], [scores], k=k)) if actual.any() else None,
        })
    return {"name": name, "actual": actual.tolist(), "scores": scores.tolist(), "cutoff": cutoff, "expected": expected}


def main():
    if FOUND != PINNED:
        print(f"warning: found {FOUND}, pinned {PINNED}")
    warnings.simplefilter("ignore")
    rng = numpy.random.default_rng(20240609)
    popularity = rng.integers(0, 101, size=240).astype(float)
    near = numpy.round(0.4 * popularity + 30 + 10 * rng.normal(size=240), 3)
    coarse = numpy.round(near / 5) * 5
    probability = numpy.round(1 / (1 + numpy.exp(-(near - 60) / 6)), 2)
    untied = numpy.round(near + 1e-5 * numpy.arange(240), 5)
    rare = numpy.zeros(150)
    rare[77] = 90.0
    few = numpy.array([3.0, 80.0, 0.0, 66.0, 80.0, 12.0, 41.0])
    tied = numpy.array([0.5, 0.5, 0.2, 0.9, 0.2, 0.5, 0.2])
    classifications = [
        classified("predicted popularity", popularity, near, 60, "popularity", 60.0),
        classified("predicted popularity, ties", popularity, coarse, 70, "popularity", 55.0, curves=True),
        classified("probabilities", popularity, probability, 60, "probability", 0.5, curves=True),
        classified("probabilities of 0 and 1", popularity[:40], (near[:40] > 50).astype(float), 60, "probability", 0.5,
                   curves=True),
        classified("nothing called", popularity[:60], near[:60], 60, "popularity", 99.0),
        classified("everything called", popularity[:60], near[:60], 60, "popularity", -1.0),
        classified("one hit in 150", rare, coarse[:150], 60, "popularity", 60.0, curves=True),
        classified("one hit in 150, constant", rare, numpy.full(150, 0.25), 60, "probability", 0.5, curves=True),
        classified("hits only", numpy.full(20, 80.0), probability[:20], 60, "probability", 0.5),
        classified("no hit", numpy.full(20, 30.0), probability[:20], 60, "probability", 0.5),
        classified("no hit, nothing called", numpy.full(9, 30.0), numpy.full(9, 31.0), 60, "popularity", 60.0),
        classified("one song", numpy.array([70.0]), numpy.array([65.0]), 60, "popularity", 60.0),
    ]
    rankings = [
        ranked("many songs", popularity, numpy.sort(untied), 80, [1, 10, 50, 240]),
        ranked("related", popularity, untied, 80, [1, 5, 20, 100]),
        ranked("ties across the end of the list", few, tied, 60, [1, 2, 3, 4, 5, 7]),
        ranked("constant scores", few, numpy.full(7, 1.0), 60, [1, 3, 7]),
        ranked("no hit", few, tied, 90, [2]),
        ranked("popularity 0 everywhere", numpy.zeros(5), tied[:5], 60, [2]),
        ranked("one hit in 150", rare, untied[:150], 60, [10, 150]),
    ]
    document = {"writer": "scripts/golden/metricsHits.py", "versions": FOUND, "classifications": classifications,
                "rankings": rankings}
    OUTPUT.write_text(json.dumps(document, separators=(",", ":"), allow_nan=False) + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
