"""Traces of Optuna's TPE and random sampler for packages/core/src/tune/samplers/golden/optunaSamplers.json.

    pip install optuna==5.0.0 numpy==2.4.6
    python scripts/golden/optunaSamplers.py

A trace is a study's events in order: "ask" with the internal values that the sampler drew, and "tell" with what the study was
told. NumPy's argsort orders ties as the machine likes, so for discrete parameters it is made stable here.
"""

import base64
import json
import math
import pathlib

import numpy
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)

plain_argsort = numpy.argsort
numpy.argsort = lambda a, *args, **kwargs: plain_argsort(a, *args, **{**kwargs, "kind": "stable"})

SMOOTH = {
    "c": CategoricalDistribution(["red", "green", "blue"]),
    "x": FloatDistribution(-5, 10),
    "y": FloatDistribution(1e-5, 1e-1, log=True),
}
MIXED = {
    "k": IntDistribution(4, 64, step=4),
    "m": IntDistribution(1, 512, log=True),
    "n": IntDistribution(1, 20),
    "s": FloatDistribution(0, 1, step=0.05),
    "x": FloatDistribution(0, 1),
}


def smooth(p):
    return (p["x"] - 2) ** 2 + (math.log10(p["y"]) + 3) ** 2 + {"red": 0, "green": 1, "blue": 3}[p["c"]]


def mixed(p):
    return (p["k"] / 16 - 2) ** 2 + math.log2(p["m"] / 20) ** 2 + abs(p["n"] - 7) + 3 * (p["s"] - 0.35) ** 2 + p["x"]


def describe(distribution):
    """As hitscan has it."""
    if isinstance(distribution, CategoricalDistribution):
        return {"kind": "categorical", "choices": list(distribution.choices)}
    kind = "int" if isinstance(distribution, IntDistribution) else "float"
    return {"kind": kind, "low": distribution.low, "high": distribution.high, "log": distribution.log, "step": distribution.step}


class Recorder:
    def __init__(self, sampler, direction="minimize"):
        self.study = optuna.create_study(sampler=sampler, direction=direction)
        self.events = []

    def ask(self, program):
        """`program` yields names and distributions, and is sent values: a conditional space is one that looks at them."""
        trial = self.study.ask()
        drawn, running, value = [], program(), None
        while True:
            try:
                name, distribution = running.send(value)
            except StopIteration:
                break
            value = trial._suggest(name, distribution)
            drawn.append([name, distribution.to_internal_repr(value)])
        self.events.append({"ask": trial.number, "drawn": drawn})
        return trial

    def tell(self, trial, state, value=None, report=None):
        if report is not None:
            trial.report(report[1], report[0])
        self.study.tell(trial, value if state == TrialState.COMPLETE else None, state)
        name = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "fail"}[state]
        event = {"tell": trial.number, "state": name}
        if value is not None:
            event["value"] = value
        if report is not None:
            event["report"] = [report[0], None if math.isnan(report[1]) else report[1]]
        self.events.append(event)


def straight(space):
    def program():
        for name, distribution in space.items():
            yield name, distribution

    return program


def compact(space, objective, seed, trials, sampler=optuna.samplers.TPESampler):
    """One trial after the other, all complete: columns of internal values, then the objective's, as base64 of float64."""
    recorder = Recorder(sampler(seed=seed))
    for _ in range(trials):
        trial = recorder.ask(straight(space))
        recorder.tell(trial, TrialState.COMPLETE, float(objective(trial.params)))
    asked = [event["drawn"] for event in recorder.events if "ask" in event]
    values = [event["value"] for event in recorder.events if "tell" in event]
    columns = [[row[i][1] for row in asked] for i in range(len(space))] + [values]
    return {"seed": seed, "columns": base64.b64encode(numpy.array(columns, dtype="<f8").tobytes()).decode()}


def several(space, objective, directions, seed, trials):
    """As compact, with a column for each objective."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), directions=directions)
    rows = []
    for _ in range(trials):
        trial = study.ask()
        drawn = [distribution.to_internal_repr(trial._suggest(name, distribution)) for name, distribution in space.items()]
        values = [float(value) for value in objective(trial.params)]
        study.tell(trial, values)
        rows.append(drawn + values)
    columns = numpy.array(rows, dtype="<f8").T
    return {"seed": seed, "directions": directions, "columns": base64.b64encode(columns.tobytes()).decode()}


def two(p):
    return (p["x"] - 2) ** 2 + {"red": 0, "green": 1, "blue": 3}[p["c"]], math.log10(p["y"]) + abs(p["x"]) / 5


def three(p):
    """Rounded, so that trials are equal in some objectives or in all."""
    first, second = two(p)
    return round(first), -round(second, 1), round(abs(p["x"] + 1), 1)


def conditional(seed, trials):
    recorder = Recorder(optuna.samplers.TPESampler(seed=seed))

    def program():
        kind = yield "kind", CategoricalDistribution(["flat", "steep"])
        yield "w", FloatDistribution(-1, 1)
        if kind == "flat":
            yield "x", FloatDistribution(0, 4)
        else:
            yield "y", FloatDistribution(1e-3, 1e3, log=True)

    for _ in range(trials):
        trial = recorder.ask(program)
        p = trial.params
        rest = (p["x"] - 1) ** 2 if "x" in p else abs(math.log(p["y"])) + 0.1
        recorder.tell(trial, TrialState.COMPLETE, p["w"] ** 2 + rest)
    return {"seed": seed, "direction": "minimize", "events": recorder.events}


def crowded(seed, rounds):
    """Four trials at a time, to be maximised; some are pruned, some fail, some report what is no number."""
    recorder = Recorder(optuna.samplers.TPESampler(seed=seed), "maximize")
    for round_number in range(rounds):
        trials = [recorder.ask(straight(SMOOTH)) for _ in range(4)]
        for i, trial in enumerate(trials):
            value = -smooth(trial.params)
            turn = round_number * 4 + i
            if turn % 7 == 3:
                recorder.tell(trial, TrialState.FAIL)
            elif turn % 3 == 1:
                step = turn % 5
                recorder.tell(trial, TrialState.PRUNED, report=(step, math.nan if turn % 11 == 4 else value))
            else:
                recorder.tell(trial, TrialState.COMPLETE, value)
    return {"seed": seed, "direction": "maximize", "events": recorder.events}


def write():
    seeds = [0, 1, 2, 3, 42, 2024]
    random = optuna.samplers.RandomSampler
    golden = {
        "optuna": optuna.__version__,
        "spaces": {name: {k: describe(d) for k, d in space.items()} for name, space in {"smooth": SMOOTH, "mixed": MIXED}.items()},
        "tpe": {
            "smooth": [compact(SMOOTH, smooth, seed, 300) for seed in seeds],
            "mixed": [compact(MIXED, mixed, seed, 300) for seed in seeds[:3]],
        },
        "random": {
            "smooth": [compact(SMOOTH, smooth, 5, 60, random)],
            "mixed": [compact(MIXED, mixed, 5, 60, random)],
        },
        "several": [
            *(several(SMOOTH, two, ["minimize", "minimize"], seed, 300) for seed in seeds[:3]),
            *(several(SMOOTH, three, ["minimize", "maximize", "minimize"], seed, 200) for seed in seeds[:2]),
        ],
        "conditional": [conditional(seed, 80) for seed in (1, 2)],
        "conditionalSpace": {
            "kind": {"kind": "categorical", "choices": ["flat", "steep"]},
            "w": describe(FloatDistribution(-1, 1)),
            "x": describe(FloatDistribution(0, 4)),
            "y": describe(FloatDistribution(1e-3, 1e3, log=True)),
        },
        "crowded": [crowded(seed, 25) for seed in (1, 2)],
    }
    folder = pathlib.Path(__file__).parents[2] / "packages/core/src/tune/samplers/golden"
    folder.mkdir(exist_ok=True)
    (folder / "optunaSamplers.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write()
