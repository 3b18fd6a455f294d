"""
The Python half of scripts/checkOptuna.ts.

`checkOptuna.py work ADDRESS TRIALS` runs trials of the study "shared" with Optuna's own sampler and pruner;
`checkOptuna.py read ADDRESS` prints what Optuna makes of the study, in JSON;
`checkOptuna.py stale ADDRESS` prints which running trials beat, and fails, and lets wait anew, those that Optuna takes for dead;
`checkOptuna.py die ADDRESS` begins a trial and is killed in the midst of it.
"""

import json
import os
import signal
import sys

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances


def open_storage(address, beats):
    if "://" in address and not beats:
        return address
    if "://" in address:
        return optuna.storages.RDBStorage(
            address,
            heartbeat_interval=1,
            grace_period=5,
            heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=3),
        )
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(address))


def objective(trial):
    trial.set_user_attr("from", "Python")
    x = trial.suggest_float("x", -5, 5)
    rate = trial.suggest_float("rate", 1e-4, 1, log=True)
    layers = trial.suggest_int("layers", 1, 8)
    kind = trial.suggest_categorical("kind", ["a", "b", None])
    value = x**2 + abs(layers - 4) + (0 if kind == "b" else 1) + rate
    for step in range(3):
        trial.report(value + 1 / (step + 1), step)
        if trial.should_prune():
            raise optuna.TrialPruned
    return value


def read(study):
    trials = study.trials
    importances = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    states = [trial.state.name.lower() for trial in trials]
    return {
        "trials": len(trials),
        "numbers": sorted(trial.number for trial in trials) == list(range(len(trials))),
        "states": {state: states.count(state) for state in sorted(set(states))},
        "from": {author: sum(trial.user_attrs.get("from") == author for trial in trials) for author in ("Python", "hitscan")},
        "best": study.best_value,
        "importances": importances,
    }


def read_stale(study):
    storage = study._storage._backend
    heartbeat = optuna.storages._rdb.models.TrialHeartbeatModel
    with optuna.storages._rdb.storage._create_scoped_session(storage.scoped_session) as session:
        beating = [row.trial_id for row in session.query(heartbeat).all()]
    found = {
        "beating": [t.number for t in study.trials if t.state.name == "RUNNING" and t._trial_id in beating],
        "stale": storage._get_stale_trial_ids(study._study_id),
    }
    optuna.storages.fail_stale_trials(study)
    return found


def die(trial):
    trial.suggest_float("x", -5, 5)
    os.kill(os.getpid(), signal.SIGKILL)


command, address, *rest = sys.argv[1:]
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.load_study(study_name="shared", storage=open_storage(address, command in ("stale", "die")))
if command == "work":
    study.optimize(objective, n_trials=int(rest[0]))
elif command == "die":
    study.optimize(die, n_trials=1)
elif command == "stale":
    print(json.dumps(read_stale(study)))
else:
    print(json.dumps(read(study)))
