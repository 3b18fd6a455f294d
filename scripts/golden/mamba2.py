"""
Golden files for the Mamba-2 block and for the Mamba-1 block in both directions: `python3 scripts/golden/mamba2.py
[--check]` writes mamba2.safetensors and bidirectional.safetensors to packages/mamba/src/golden/.

Everything is computed in float64 from the published equations (Dao & Gu 2024, §7; Zhu et al. 2024, Algorithm 1);
PyTorch differentiates. Inputs and weights are float32 numbers that `inputs.py` and `inputs.ts` both make. Pinned as
mamba.py.

Every run compares outputs and gradients with another route: Mamba-2 as attention with decaying weights and the
library's convolution, the reversal by flipping each row's positions; `--check` adds central differences.
"""

import re
import sys

import torch

from block import causal_conv, closed_scan, gradients, library_conv, mix, mixer_shapes, silu, softplus
from block import verify_other_route, verify_slopes
from inputs import golden_tensor, sample, write_safetensors
from mamba import FOUND, METADATA, OUTPUT, PINNED, make

CONV = 4
EXPAND = 2
LENGTHS = (1, 13, 70)

# Mamba-2 --------------------------------------------------------------------------------------------------------------

SIZES = (
    {"width": 10, "head": 5, "state": 7, "groups": 1},
    {"width": 16, "head": 8, "state": 16, "groups": 2},
)


def mamba2_shapes(width, head, state, groups):
    """The block's tensors: name → (shape, scale, shift)."""
    inner = EXPAND * width
    heads, convolved = inner // head, inner + 2 * groups * state
    return {
        "in_proj.weight": ((inner + convolved + heads, width), width**-0.5, 0),
        "conv1d.weight": ((convolved, 1, CONV), 0.5, 0),
        "conv1d.bias": ((convolved,), 0.5, 0),
        "dt_bias": ((heads,), 1.5, -1.5),
        "A_log": ((heads,), 1, 0.5),
        "D": ((heads,), 0.5, 1),
        "norm.weight": ((inner,), 0.2, 1),
        "out_proj.weight": ((width, inner), inner**-0.5, 0),
    }


def recurrent(x, delta, A, B, C):
    """h[t] = exp(delta[t] A) h[t-1] + delta[t] x[t] B[t], y[t] = h[t] C[t]; x (batch, length, heads, channels)."""
    h = torch.zeros(x.shape[0], *x.shape[2:], B.shape[-1], dtype=x.dtype)
    rows = []
    for t in range(x.shape[1]):
        decay = torch.exp(delta[:, t] * A)[..., None, None]
        h = decay * h + (delta[:, t, :, None] * x[:, t])[..., None] * B[:, t, :, None, :]
        rows.append((h * C[:, t, :, None, :]).sum(-1))
    return torch.stack(rows, 1)


def attention(x, delta, A, B, C):
    """y[t] = sum over s <= t of (C[t]·B[s]) exp(A (S[t] - S[s])) delta[s] x[s], S the running sum of delta."""
    total = delta.cumsum(1)
    past = torch.ones(x.shape[1], x.shape[1], dtype=x.dtype).tril()[None, :, :, None]
    weight = torch.exp((total[:, :, None] - total[:, None]) * A * past) * past
    return torch.einsum("bthn,bshn,btsh,bsh,bshp->bthp", C, B, weight, delta, x)


def mamba2(u, w, groups, convolve=causal_conv, scan=recurrent):
    """The Mamba-2 block: u (batch, length, width) → the same shape."""
    batch, length, _ = u.shape
    heads, inner = w["A_log"].shape[0], w["norm.weight"].shape[0]
    convolved = w["conv1d.bias"].shape[0]
    z, xBC, dt = (u @ w["in_proj.weight"].T).split([inner, convolved, heads], -1)
    selection = (convolved - inner) // 2
    x, B, C = silu(convolve(xBC, w["conv1d.weight"], w["conv1d.bias"])).split([inner, selection, selection], -1)
    x = x.reshape(batch, length, heads, -1)
    # Every head with the B and C of its group.
    B, C = (m.reshape(batch, length, groups, -1).repeat_interleave(heads // groups, 2) for m in (B, C))
    delta = softplus(dt + w["dt_bias"])
    y = scan(x, delta, -torch.exp(w["A_log"]), B, C) + w["D"][:, None] * x
    gated = (y.reshape(batch, length, inner) * silu(z)).reshape(batch, length, groups, -1)
    normed = gated / torch.sqrt((gated * gated).mean(-1, keepdim=True) + 1e-5)
    return (normed.reshape(batch, length, inner) * w["norm.weight"]) @ w["out_proj.weight"].T


def write_mamba2():
    tensors = {}
    for size in SIZES:
        groups = size["groups"]
        for length in LENGTHS:
            case = f"mamba2 L={length} G={groups}"
            shapes = {**mamba2_shapes(**size), "input": ((2, length, size["width"]), 1.5, 0)}

            def output_of(w, **route):
                return mamba2(w["input"], w, groups, **route)

            tensors.update(results(case, shapes, output_of, convolve=library_conv, scan=attention))
    cases = f"mamba2 L={{length}} G={{groups}}; batch 2, expand {EXPAND}, and by groups: {SIZES}"
    write_safetensors(OUTPUT / "mamba2.safetensors", tensors, {**SAMPLING, "cases": cases})


# Both directions ------------------------------------------------------------------------------------------------------

WIDTH, STATE = 8, 5


def second_name(name):
    """The second direction's name for what both have: conv1d_b.weight, A_b_log."""
    return re.sub("^(conv1d|x_proj|dt_proj|A|D)", r"\1_b", name)


def by_index(x, lengths):
    """The first lengths[row] positions of each row in reverse, the others where they are."""
    return torch.stack([row[[*range(n - 1, -1, -1), *range(n, len(row))]] for row, n in zip(x, lengths)])


def by_flipping(x, lengths):
    return torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(x, lengths)])


def both_directions(w, lengths, reverse=by_index, **route):
    first = {name: value for name, value in w.items() if "_b" not in name}
    second = {name: w[second_name(name)] for name in first}
    half, z = (w["input"] @ w["in_proj.weight"].T).chunk(2, -1)
    backwards = mix(reverse(half, lengths), reverse(z, lengths), second, **route)
    return (mix(half, z, first, **route) + reverse(backwards, lengths)) @ w["out_proj.weight"].T


def write_bidirectional():
    tensors = {}
    for length in LENGTHS:
        lengths = (length, (length + 1) // 2)
        shapes = mixer_shapes(WIDTH, EXPAND, STATE)
        shapes.update({second_name(name): spec for name, spec in shapes.items()})
        shapes["input"] = ((2, length, WIDTH), 1.5, 0)

        def output_of(w, **route):
            return both_directions(w, lengths, **route)

        case = f"bidirectional L={length}"
        tensors.update(results(case, shapes, output_of, reverse=by_flipping, convolve=library_conv, scan=closed_scan))
    cases = (
        f"bidirectional L={{length}}; width {WIDTH}, expand {EXPAND}, state {STATE}; two rows, of which the second has"
        " ceil(length / 2) positions before its padding"
    )
    write_safetensors(OUTPUT / "bidirectional.safetensors", tensors, {**SAMPLING, "cases": cases})


# Both -----------------------------------------------------------------------------------------------------------------

SAMPLING = {
    "versions": METADATA["versions"],
    "inputs": METADATA["inputs"],
    "writer": "scripts/golden/mamba2.py",
    "loss": "sum of output * dout; dout has the output's shape, scale 1",
    "sampling": "of n > 64 elements those at floor(k*n/64), k = 0..63; then, for any n, sum and sum of squares",
}


def results(case, shapes, output_of, **route):
    """Digests of a block's output and gradients, once another `route` has given the same."""
    weights = make(case, shapes)
    dout = torch.tensor(golden_tensor(f"{case}/dout", shapes["input"][0]), dtype=torch.float64)
    output = output_of(weights)
    slopes = gradients((output * dout).sum(), weights)
    verify_other_route(case, weights, dout, output, slopes, output_of(weights, **route))
    verify_slopes(case, weights, lambda w: (output_of(w) * dout).sum(), slopes)
    digests = {f"{case}/gradient/{name}": sample(slope) for name, slope in slopes.items()}
    return {f"{case}/output": sample(output.detach()), **digests}


def main():
    print(METADATA["versions"])
    if FOUND != PINNED:
        sys.exit(f"versions: must be {PINNED}, got {FOUND}")
    torch.set_num_threads(1)
    write_mamba2()
    write_bidirectional()


if __name__ == "__main__":
    main()
