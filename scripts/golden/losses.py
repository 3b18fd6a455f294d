"""
Golden file for the losses: `python3 scripts/golden/losses.py` writes packages/mamba/src/golden/losses.safetensors.

PyTorch's own losses and their derivatives in float64, on float32 numbers that `inputs.py` and `inputs.ts` both make; it has
no pinball loss, which is written out from its definition (Koenker & Bassett 1978) and differentiated by PyTorch.

Where the two sides differ in form: `gaussian_nll_loss` takes a variance where ours is given s, its logarithm, so that
var = exp(s), and the derivative by s is PyTorch's through the exponential; `full=True` adds the constant ln(2π)/2, which
ours always has. `cross_entropy` averages over the targets that it does not ignore, as training does.
"""

import math
import pathlib
import platform
import sys

import numpy
import torch
import torch.nn.functional as F

from inputs import golden_tensor, write_safetensors

PINNED = {"python": "3.11.2", "numpy": "1.24.2", "torch": "1.13.0a0"}  # Debian 12: python3-torch 1.13.1+dfsg-4
FOUND = {"python": platform.python_version(), "numpy": numpy.__version__, "torch": str(torch.__version__)}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/mamba/src/golden/losses.safetensors"

ROWS = 23
DELTAS = ("0.25", "1", "2.5")
LEVELS = (0.05, 0.25, 0.5, 0.9)
CLASSES = 7
IGNORED = -1


def drawn(name, shape, scale=1.0, shift=0.0):
    return torch.tensor(golden_tensor(name, shape, scale, shift), dtype=torch.float64)


def gaussian(prediction, target):
    """On variances from exp(-3) to exp(3); its floor of 1e-6 under the variance is far below."""
    return F.gaussian_nll_loss(prediction[:, 0], target, prediction[:, 1].exp(), full=True)


def quantiles(prediction, target):
    """q·e where e = target - prediction is positive, else (q - 1)·e; the mean over rows and levels."""
    error = target[:, None] - prediction
    level = torch.tensor(LEVELS, dtype=torch.float64)
    return torch.maximum(level * error, (level - 1) * error).mean()


def classes_of(name):
    """A class a row, every fifth left out."""
    share = (golden_tensor(name, (ROWS,)).astype(numpy.float64) + 1) / 2
    classes = numpy.floor(share * CLASSES).astype(numpy.int64)
    classes[4::5] = IGNORED
    return classes


def results(case, loss_of, prediction, target):
    learnt = prediction.requires_grad_()
    loss = loss_of(learnt, target)
    (slope,) = torch.autograd.grad(loss, learnt)
    return {f"{case}/loss": loss.detach().numpy().reshape(1), f"{case}/gradient": slope.numpy()}


def main():
    print(FOUND)
    if FOUND != PINNED:
        sys.exit(f"versions: must be {PINNED}, got {FOUND}")
    torch.set_num_threads(1)
    tensors = {}
    target = drawn("losses/target", (ROWS,), 2)
    tensors.update(results("meanSquaredError", F.mse_loss, drawn("meanSquaredError/prediction", (ROWS,), 3), target))
    for delta in DELTAS:
        case = f"huber delta={delta}"
        prediction = drawn(f"{case}/prediction", (ROWS,), 3)
        tensors.update(results(case, lambda p, t: F.huber_loss(p, t, delta=float(delta)), prediction, target))
    tensors.update(results("gaussian", gaussian, drawn("gaussian/prediction", (ROWS, 2), 3), target))
    tensors.update(results("quantiles", quantiles, drawn("quantiles/prediction", (ROWS, len(LEVELS)), 3), target))
    classes = classes_of("crossEntropy/classes")
    tensors.update(
        results(
            "crossEntropy",
            lambda p, t: F.cross_entropy(p, t, ignore_index=IGNORED),
            drawn("crossEntropy/prediction", (ROWS, CLASSES), 20),
            torch.tensor(classes),
        )
    )
    tensors["crossEntropy/classes"] = classes.astype(numpy.int32)
    assert all(math.isfinite(value) for tensor in tensors.values() for value in tensor.reshape(-1))
    metadata = {
        "writer": "scripts/golden/losses.py",
        "versions": " ".join(f"{name} {version}" for name, version in FOUND.items()),
        "inputs": "goldenTensor('<case>/prediction', shape, scale) of inputs.ts; scales: 3, crossEntropy 20",
        "target": "goldenTensor('losses/target', [23], 2); crossEntropy/classes, -1 for a row left out",
        "levels": " ".join(str(level) for level in LEVELS),
    }
    write_safetensors(OUTPUT, tensors, metadata)


if __name__ == "__main__":
    main()
