"""NumPy's matrix product on one thread: what this machine multiplies outside WebAssembly."""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import time  # noqa: E402

import numpy as np  # noqa: E402
from conversation import converse  # noqa: E402


def product(rows, inputs, outputs, calls):
    def prepare():
        random = np.random.default_rng(1)
        x = random.standard_normal((rows, inputs), dtype=np.float32)
        weight = random.standard_normal((outputs, inputs), dtype=np.float32)
        y = np.empty((rows, outputs), np.float32)

        def measure():
            started = time.perf_counter()
            for _ in range(calls):
                np.matmul(x, weight.T, out=y)
            return calls * 2 * rows * inputs * outputs / (time.perf_counter() - started) / 1e9

        measure()
        return measure

    return prepare


rows = {"matmul": (None, product(1664, 64, 256, 100)), "native-matmul": (None, product(1024, 1024, 1024, 2))}
converse(f"NumPy {np.__version__}", {"numpy": np.__version__}, rows)
