"""PyTorch as it comes. With the argument `published`, the scan is the authors' reference to the letter; else its faster twin."""

import sys

import torch
from conversation import converse
from torch_network import Mamba, list_rows, long_scan, matmul, scan_as_published, scan_by_position, versions

name = f"PyTorch {torch.__version__.split('+')[0]} eager"
if "published" in sys.argv:
    # Its derivative takes time by the square of the length: no long scan.
    rows = list_rows(lambda d_model: Mamba(d_model, scan_as_published))
    for row in ("inference-row", "inference-batch"):
        del rows[row]
    converse(f"{name}, scan as published", versions(), rows)
else:
    rows = {**list_rows(Mamba), "long-scan": (None, long_scan(scan_by_position)), "matmul": (None, matmul)}
    converse(name, versions(), rows)
