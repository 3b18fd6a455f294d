"""Parameter importances by Optuna for packages/core/src/tune/golden/optunaImportance.json.

    pip install optuna==5.0.0
    python scripts/golden/optunaImportance.py
"""

import json
import math
import pathlib
import warnings

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState

from optunaSamplers import describe

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def program(trial):
    """Every kind of parameter, one of them conditional, one of two ranges, one that cannot be chosen."""
    c = trial.suggest_categorical("c", ["a", "b", "c"])
    k = trial.suggest_int("k", 4, 64, step=4)
    m = trial.suggest_int("m", 1, 512, log=True)
    s = trial.suggest_float("s", 0, 1, step=0.05)
    x = trial.suggest_float("x", -5, 5)
    y = trial.suggest_float("y", 1e-5, 1e-1, log=True)
    trial.suggest_float("fixed", 2, 2)
    w = trial.suggest_float("w", 0, 1 if trial.number % 3 else 2)
    z = trial.suggest_float("z", -1, 1) if c == "b" else 0
    return (x - 1) ** 2 + {"a": 0, "b": 2, "c": 6}[c] + abs(math.log10(y) + 3) + 0.05 * k + 0.1 * math.log2(m) + s + w + z


def make(seed, trials, direction):
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=seed))
    for number in range(trials):
        trial = study.ask()
        value = program(trial)
        if number % 9 == 4:
            trial.report(value, 1)
            study.tell(trial, state=TrialState.PRUNED)
        elif number % 13 == 7:
            study.tell(trial, state=TrialState.FAIL)
        elif number % 17 == 11:
            study.tell(trial, math.inf)
        else:
            # Rounded, so that there are ties.
            study.tell(trial, round(value, 1))
    table = []
    for trial in study.trials:
        parameters = {
            name: [d.to_internal_repr(trial.params[name]), describe(d)] for name, d in trial.distributions.items()
        }
        value = trial.value if trial.state == TrialState.COMPLETE else None
        table.append({"state": trial.state.name.lower(), "value": str(value), "parameters": parameters})
    return {
        "direction": direction,
        "trials": table,
        "importances": optuna.importance.get_param_importances(study),
    }


def compact(cases):
    """Distributions by number, as most trials share them."""
    distributions = []
    for case in cases:
        for trial in case["trials"]:
            for entry in trial["parameters"].values():
                if entry[1] not in distributions:
                    distributions.append(entry[1])
                entry[1] = distributions.index(entry[1])
    return {"optuna": optuna.__version__, "distributions": distributions, "cases": cases}


if __name__ == "__main__":
    cases = [make(1, 30, "minimize"), make(2, 100, "maximize"), make(3, 200, "minimize")]
    cases += [make(4, 2, "minimize"), make(5, 1, "minimize")]
    folder = pathlib.Path(__file__).parents[2] / "packages/core/src/tune/golden"
    folder.mkdir(exist_ok=True)
    (folder / "optunaImportance.json").write_text(json.dumps(compact(cases), separators=(",", ":")) + "\n")
