"""Describes a CSV file of songs by DuckDB as `hitscan data describe` does: types, ranges, medians, nulls, artists, repeats.

Prints one line of JSON for bench/reading.ts: python3 bench/peers/duckdb_describe.py songs.csv
"""

import json
import resource
import sys
import time

import duckdb

begun = time.perf_counter()
connection = duckdb.connect()
connection.execute("create table songs as select * from read_csv(?)", [sys.argv[1]])
columns = connection.execute("describe songs").fetchall()
numbers = [name for name, kind, *_ in columns if kind in ("DOUBLE", "BIGINT")]
figures = ", ".join(f"count({n}), min({n}), median({n}), max({n})" for n in numbers)
connection.execute(f"select {figures} from songs").fetchall()
sound = ", ".join(name for name in numbers if name != "popularity")
rows, artists, *distinct = connection.execute(
    f"""select count(*), count(distinct lower(artist_name)), count(distinct track_id),
    count(distinct (lower(artist_name), lower(track_name))), count(distinct ({sound})) from songs"""
).fetchone()
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "name": f"DuckDB {duckdb.__version__}",
            "seconds": time.perf_counter() - begun,
            "processorSeconds": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * 1024,
            "rows": rows,
            "repeats": max(rows - count for count in distinct),
        }
    )
)
