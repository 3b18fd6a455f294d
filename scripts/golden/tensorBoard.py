"""Whether TensorBoard reads what hitscan wrote: prints scalars and hyperparameters of event files as JSON.

    pip install tensorboard==2.21.0
    python scripts/golden/tensorBoard.py RUN_DIRECTORY

With the file that packages/hitscan/src/tracking/eventFile.test.ts describes, its output is what that test's bytes were checked by.
"""

import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2


def read(folder):
    events = EventAccumulator(str(folder))
    events.Reload()
    tags = events.Tags()
    scalars = {
        tag: [[e.step, None if math.isnan(e.value) else e.value, e.wall_time] for e in events.Scalars(tag)] for tag in tags["scalars"]
    }
    sessions = {}
    for tag, content in events.PluginTagToContent("hparams").items():
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
        if tag == "_hparams_/session_start_info":
            start = data.session_start_info
            values = {k: getattr(v, v.WhichOneof("kind")) for k, v in start.hparams.items()}
            sessions["start"] = [values, start.group_name, start.start_time_secs]
        else:
            sessions["end"] = [data.session_end_info.status, data.session_end_info.end_time_secs]
    return {"scalars": scalars, **sessions}


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    folders = sorted({path.parent for path in root.rglob("events.out.tfevents.*")})
    print(json.dumps({str(folder.relative_to(root)): read(folder) for folder in folders}, indent=1))
