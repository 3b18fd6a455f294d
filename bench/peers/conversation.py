"""What all peers in Python share: how they are asked.

A row is a name, the parameters of its network (None where there is none) and a function that makes it ready and gives
back another, which measures one round, in the row's unit.

With `--rounds N` a peer measures every row N times by itself and prints {peer, versions, medians}. Otherwise it is
bench/askPeer.ts that speaks: a line of JSON says who is there, then every line read is a row's name and is answered by
a line of JSON. Libraries that print to standard output print to standard error instead.
"""

import json
import os
import statistics
import sys


def converse(peer, versions, rows):
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(document):
        out.write(json.dumps(document) + "\n")
        out.flush()

    if "--rounds" in sys.argv:
        rounds = int(sys.argv[sys.argv.index("--rounds") + 1])
        medians = {}
        for name, (_, prepare) in rows.items():
            measure = prepare()
            medians[name] = statistics.median(measure() for _ in range(rounds))
        say({"peer": peer, "versions": versions, "medians": medians})
        return
    say({"peer": peer, "versions": versions, "rows": {name: count for name, (count, _) in rows.items()}})
    ready = {}
    for line in sys.stdin:
        name = line.strip()
        try:
            if name not in ready:
                ready[name] = rows[name][1]()
            say({"row": name, "value": ready[name]()})
        except Exception as error:
            say({"row": name, "error": f"{type(error).__name__}: {error}".splitlines()[0][:200]})


def check_falling(losses):
    """A peer whose loss does not fall does other work than ours."""
    if not losses[-1] < losses[0]:
        raise RuntimeError(f"the loss went from {losses[0]:.6g} to {losses[-1]:.6g}")
