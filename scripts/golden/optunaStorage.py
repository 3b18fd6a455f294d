"""
Golden files for hitscan's study storages: `python3 scripts/golden/optunaStorage.py` writes
packages/hitscan/src/storages/golden/optunaStudy.{journal,sql,json}.

The same small study as Optuna's journal, as a dump of Optuna's SQLite file, and as what Optuna reads from the journal.
storages/golden.test.ts reads the first two, and makes the same study anew to compare what is written.
"""

import contextlib
import json
import math
import pathlib
import platform
import sqlite3
import tempfile
import warnings

import optuna
from optuna.trial import TrialState

PINNED = {"python": "3.11.7", "optuna": "5.0.0"}
FOUND = {"python": platform.python_version(), "optuna": optuna.__version__}
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/hitscan/src/storages/golden"


def run_study(storage):
    study = optuna.create_study(storage=storage, study_name="Größe", directions=["maximize"])
    study.set_user_attr("data", {"rows": 1500, "share": 0.25})
    storage.set_study_system_attr(study._study_id, "empty", [])
    study.enqueue_trial({"rate": 0.5, "kind": "b"}, user_attrs={"note": 'said "ß"\n'})
    trial = study.ask()
    trial.suggest_float("rate", 0.001, 1.0, log=True)
    trial.suggest_categorical("kind", ["a", "b", None, True, 3, 0.5])
    trial.report(math.nan, 0)
    trial.report(math.inf, 1)
    trial.report(2, 2)
    study.tell(trial, state=TrialState.PRUNED)
    study.enqueue_trial({"rate": 0.25, "layers": 8, "share": 0.75})
    trial = study.ask()
    trial.suggest_float("rate", 0.01, 1.0, log=True)
    trial.suggest_int("layers", 2, 8, step=2)
    trial.suggest_float("share", 0, 1, step=0.25)
    study.tell(trial, -math.inf)
    study.tell(study.ask(), math.nan)
    finished = optuna.create_trial(
        state=TrialState.COMPLETE,
        value=3.0,
        params={"layers": 4},
        distributions={"layers": optuna.distributions.IntDistribution(2, 8, step=2)},
        intermediate_values={5: -1.5},
        user_attrs={"from": "elsewhere"},
    )
    study.add_trial(finished)
    study.ask().set_user_attr("left", "running")
    study.enqueue_trial({})


def describe(trial):
    marked = lambda value: str(value) if isinstance(value, float) and not math.isfinite(value) else value
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "values": None if trial.values is None else [marked(value) for value in trial.values],
        "parameters": trial.params,
        "intermediate": [[step, marked(value)] for step, value in trial.intermediate_values.items()],
        "userAttributes": trial.user_attrs,
        "systemAttributes": trial.system_attrs,
    }


if FOUND != PINNED:
    raise SystemExit(f"pinned to {PINNED}, found {FOUND}")
warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
FOLDER.mkdir(exist_ok=True)
with tempfile.TemporaryDirectory() as folder:
    journal = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(f"{folder}/study.log"))
    run_study(journal)
    (FOLDER / "optunaStudy.journal").write_bytes(pathlib.Path(folder, "study.log").read_bytes())
    study = optuna.load_study(study_name="Größe", storage=journal)
    expected = {"userAttributes": study.user_attrs, "trials": [describe(trial) for trial in study.trials]}
    (FOLDER / "optunaStudy.json").write_text(json.dumps(expected, indent=1) + "\n")
    run_study(optuna.storages.RDBStorage(f"sqlite:///{folder}/study.db"))
    with contextlib.closing(sqlite3.connect(f"{folder}/study.db")) as database:
        (FOLDER / "optunaStudy.sql").write_text("\n".join(database.iterdump()) + "\n")
