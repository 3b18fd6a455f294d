"""
Golden file for hitscan's pruners: `python3 scripts/golden/optunaPruners.py` writes
packages/core/src/tune/pruners/golden/optunaPruners.json.

Each case is a study in which a few trials at a time report random values; its events are in the order in which they
happened, with what Optuna's pruner decided. Reports are rounded, so that ties occur, and some are NaN (null). The
signed-rank tests are SciPy's, as Optuna's Wilcoxon pruner calls them.
"""

import json
import math
import pathlib
import platform
import random

import numpy
import optuna
import scipy
from scipy.stats import wilcoxon

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "scipy": "1.17.1", "optuna": "5.0.0"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scipy": scipy.__version__,
    "optuna": optuna.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/core/src/tune/pruners/golden/optunaPruners.json"

optuna.logging.set_verbosity(optuna.logging.ERROR)



def without_nan(value):
    return None if math.isnan(value) else value


def make_case(name, settings, pruner, seed, trials, steps, direction="minimize", nan=0.03, digits=2, stride=1, folds=False):
    """Runs a study of `trials` trials, at most four at a time, with up to `steps` reports each."""
    draw = random.Random(seed)
    study = optuna.create_study(study_name=f"{name} {seed}", direction=direction, pruner=pruner)
    running, events, begun = [], [], 0
    while begun < trials or running:
        if begun < trials and (not running or (len(running) < 4 and draw.random() < 0.2)):
            trial = study.ask()
            order = [i * stride for i in range(draw.choice([steps, steps, steps // 2]))]
            if folds:
                draw.shuffle(order)
            running.append((trial, order, draw.random()))
            begun += 1
            continue
        trial, order, level = draw.choice(running)
        if not order:
            value = round(level, 3)
            study.tell(trial, value)
            events.append(["end", trial.number, "complete", value])
            running = [other for other in running if other[0] is not trial]
            continue
        step = order.pop(0)
        value = round(level + draw.gauss(0, 0.2) + 1 / (step + 2), digits)
        if draw.random() < nan:
            value = math.nan
        trial.report(value, step)
        prune = trial.should_prune()
        events.append(["report", trial.number, step, without_nan(value), int(prune)])
        # Some go on in spite of it, as programs may.
        if prune and draw.random() < 0.8:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            kept = study.trials[trial.number].value
            events.append(["end", trial.number, "pruned", kept])
            running = [other for other in running if other[0] is not trial]
    case = {"pruner": name, "settings": settings, "study": study.study_name, "direction": direction, "events": events}
    if name == "hyperband":
        case["brackets"] = [pruner._get_bracket_id(study, trial) for trial in study.trials]
    return case


def make_tests(seed):
    draw = random.Random(seed)
    tests = []
    for count in [2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 13, 14, 15, 20, 30, 50, 51, 60]:
        for digits in (1, 3):
            differences = [round(draw.gauss(0.1, 0.3), digits) for _ in range(count)]
            p = wilcoxon(differences, alternative="greater", zero_method="zsplit").pvalue
            tests.append({"differences": differences, "p": float(p)})
    return tests


P = optuna.pruners
cases = [
    make_case("median", {}, P.MedianPruner(), 1, 40, 8),
    make_case("median", {"startupTrials": 3, "warmupSteps": 2, "intervalSteps": 3, "minTrials": 4},
              P.MedianPruner(3, 2, 3, n_min_trials=4), 2, 40, 12, "maximize"),
    make_case("percentile", {"percentile": 25}, P.PercentilePruner(25.0), 3, 40, 8, "maximize", 0.1),
    make_case("percentile", {"percentile": 70.5, "startupTrials": 2, "warmupSteps": 1},
              P.PercentilePruner(70.5, 2, 1), 4, 40, 8, digits=1),
    make_case("successiveHalving", {}, P.SuccessiveHalvingPruner(), 5, 40, 20),
    make_case("successiveHalving", {"minResource": 2, "reductionFactor": 2, "minEarlyStoppingRate": 1, "bootstrapCount": 3},
              P.SuccessiveHalvingPruner(2, 2, 1, 3), 6, 50, 20, "maximize", digits=1),
    make_case("hyperband", {}, P.HyperbandPruner(), 7, 60, 12),
    make_case("hyperband", {"minResource": 1, "maxResource": 27, "reductionFactor": 3, "bootstrapCount": 1},
              P.HyperbandPruner(1, 27, 3, 1), 8, 60, 14, "maximize", stride=2),
    make_case("wilcoxon", {}, P.WilcoxonPruner(), 9, 60, 8, nan=0.002, folds=True),
    make_case("wilcoxon", {"pThreshold": 0.3, "startupSteps": 4}, P.WilcoxonPruner(p_threshold=0.3, n_startup_steps=4),
              10, 40, 18, "maximize", nan=0.002, digits=1, folds=True),
    make_case("threshold", {"lower": 0.1, "upper": 1.2, "warmupSteps": 1, "intervalSteps": 2},
              P.ThresholdPruner(0.1, 1.2, 1, 2), 11, 40, 8),
    make_case("patience", {"patience": 2, "minDelta": 0.05}, P.PatientPruner(None, 2, 0.05), 12, 30, 10),
    make_case("patience of median", {"patience": 1, "minDelta": 0}, P.PatientPruner(P.MedianPruner(), 1), 13, 40, 8, "maximize"),
]
if FOUND != PINNED:
    raise SystemExit(f"pinned to {PINNED}, found {FOUND}")
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
tests = json.dumps(make_tests(14), separators=(",", ":"))
OUTPUT.write_text(f'{{"cases":[\n{lines}\n],\n"tests":{tests}}}\n')
