"""The smallest values that Optuna finds, for packages/core/src/tune/samplers/golden/optunaProblems.json.

    pip install optuna==5.0.0 numpy==2.4.6
    python scripts/golden/optunaProblems.py

The functions of packages/core/src/tune/samplers/problems.ts, 100 trials, seeds 1000 to 1029: other seeds than ours, as TPE
draws the same from the same.
"""

import json
import math
import pathlib

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]
ALPHA = [1, 1.2, 3, 3.2]


def branin(x):
    x, y = x
    bend = y - 5.1 * x * x / (4 * math.pi**2) + 5 * x / math.pi - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(x):
    return -sum(ALPHA[i] * math.exp(-sum(A[i][j] * (x[j] - P[i][j] / 1e4) ** 2 for j in range(6))) for i in range(4))


def ackley(x):
    n = len(x)
    near = -20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in x) / n))
    return near - math.exp(sum(math.cos(2 * math.pi * v) for v in x) / n) + 20 + math.e


def rosenbrock(x):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def rastrigin(x):
    return 10 * len(x) + sum(v * v - 10 * math.cos(2 * math.pi * v) for v in x)


def styblinski_tang(x):
    return sum(v**4 - 16 * v * v + 5 * v for v in x) / 2


PROBLEMS = {
    "branin": (branin, [(-5, 10), (0, 15)]),
    "hartmann6": (hartmann6, [(0, 1)] * 6),
    "ackley10": (ackley, [(-32.768, 32.768)] * 10),
    "rosenbrock10": (rosenbrock, [(-5, 10)] * 10),
    "rastrigin10": (rastrigin, [(-5.12, 5.12)] * 10),
    "styblinskiTang10": (styblinski_tang, [(-5, 5)] * 10),
}


def smallest(function, ranges, seed):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(lambda t: function([t.suggest_float(f"x{i}", *r) for i, r in enumerate(ranges)]), n_trials=100)
    return study.best_value


if __name__ == "__main__":
    seeds = range(1000, 1030)
    found = {name: [smallest(f, ranges, seed) for seed in seeds] for name, (f, ranges) in PROBLEMS.items()}
    path = pathlib.Path(__file__).parents[2] / "packages/core/src/tune/samplers/golden/optunaProblems.json"
    path.write_text(json.dumps({"optuna": optuna.__version__, "smallest": found}) + "\n")
