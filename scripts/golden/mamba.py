"""
Golden files for @hitscan/mamba: `python3 scripts/golden/mamba.py [--check]` writes packages/mamba/src/golden/.

Everything is computed in float64 from the published equations (Gu & Dao 2023, Algorithm 2; Gorishniy et al. 2022 for
the piecewise-linear encoding); PyTorch differentiates and optimises. Inputs and weights are float32 numbers that
`inputs.py` and `inputs.ts` both make. Pinned to the versions below: others may differ in the last bit.

Every run compares the sequential scan and its gradients with a closed form; `--check` adds central differences.
"""

import json
import math
import pathlib
import platform
import sys

import numpy
import torch
import torch.nn.functional as F

from block import gradients, mixer, mixer_shapes, rms_norm, verify_closed_form, verify_slopes
from inputs import golden_tensor, sample, write_safetensors

PINNED = {"python": "3.11.2", "numpy": "1.24.2", "torch": "1.13.0a0"}  # Debian 12: python3-torch 1.13.1+dfsg-4
FOUND = {"python": platform.python_version(), "numpy": numpy.__version__, "torch": str(torch.__version__)}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/mamba/src/golden"

METADATA = {
    "writer": "scripts/golden/mamba.py",
    "versions": " ".join(f"{name} {version}" for name, version in FOUND.items()),
    "inputs": "goldenTensor('<case>/<tensor>', shape, scale, shift) of inputs.ts; scales: scripts/golden/",
    "check": "<case>/check/<tensor>: the first 8 elements of that input, to test the generator itself",
}


# Making, differentiating, training ------------------------------------------------------------------------------------


def parameter(values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def make(case, shapes):
    return {name: parameter(golden_tensor(f"{case}/{name}", *spec)) for name, spec in shapes.items()}


def prefixed(prefix, shapes):
    return {prefix + name: spec for name, spec in shapes.items()}


def copies(weights):
    return {name: weight.detach().clone().requires_grad_() for name, weight in weights.items()}


def train(weights, loss_of, optimiser, clip=None):
    """The loss before each of ten steps, and the norm of all gradients together at each (before clipping)."""
    losses, norms = [], []
    for _ in range(10):
        optimiser.zero_grad()
        loss = loss_of(weights)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(weights.values()), clip or math.inf).item())
        losses.append(loss.item())
        optimiser.step()
    return numpy.array(losses), numpy.array(norms)


def check_values(case, name, tensor):
    """The name hashed needs `case`, the key of the copy says that it is a check."""
    return {f"{case}/check/{name}": numpy.asarray(tensor, dtype=numpy.float32).reshape(-1)[:8]}


# The block ------------------------------------------------------------------------------------------------------------


def write_block():
    tensors = {}
    for length in (1, 2, 3, 13, 16, 17, 64, 257):
        for width, expand in ((5, 1), (13, 2), (64, 2)):
            for state in (1, 8, 16):
                case = f"block L={length} I={width * expand} N={state}"
                shape = (1 if length == 257 else 2, length, width)
                weights = make(case, {**mixer_shapes(width, expand, state), "input": (shape, 1.5, 0)})
                dout = torch.tensor(golden_tensor(f"{case}/dout", shape), dtype=torch.float64)
                output = mixer(weights["input"], weights, "")
                slopes = gradients((output * dout).sum(), weights)
                if length <= 17:
                    verify_closed_form(case, weights, dout, output, slopes)
                verify_slopes(case, weights, lambda w: (mixer(w["input"], w, "") * dout).sum(), slopes)
                tensors[f"{case}/output"] = sample(output.detach())
                for name, slope in slopes.items():
                    tensors[f"{case}/gradient/{name}"] = sample(slope)
                if case == "block L=13 I=26 N=16":
                    for name in ("in_proj.weight", "dt_proj.bias", "A_log", "input"):
                        tensors.update(check_values(case, name, weights[name].detach()))
    metadata = {
        **METADATA,
        "cases": "block L={length} I={inner} N={state}; I = 5*1, 13*2, 64*2 (width*expand); batch 2, but 1 at L=257",
        "loss": "sum of output * dout; dout has the output's shape, scale 1",
        "sampling": "of n > 64 elements those at floor(k*n/64), k = 0..63; then, for any n, sum and sum of squares",
    }
    write_safetensors(OUTPUT / "block.safetensors", tensors, metadata)


# The seed's network ---------------------------------------------------------------------------------------------------


def write_seed():
    rows, width = 8, 13
    weights = make(
        "seed",
        {
            **prefixed("mamba.", mixer_shapes(width, 2, 16)),
            "head.weight": ((1, width), width**-0.5, 0),
            "head.bias": ((1,), width**-0.5, 0),
            "input": ((rows, width), 1.5, 0),
        },
    )
    target = torch.tensor(golden_tensor("seed/target", (rows,), 20, 66), dtype=torch.float64)

    def predict(w):
        hidden = torch.relu(mixer(w["input"][:, None, :], w, "mamba.")[:, 0])
        return 100 * torch.sigmoid(hidden @ w["head.weight"][0] + w["head.bias"])

    def loss_of(w):
        return ((predict(w) - target) ** 2).mean()

    slopes = gradients(loss_of(weights), weights)
    verify_slopes("seed", weights, loss_of, slopes)
    tensors = {f"seed/gradient/{name}": slope.numpy() for name, slope in slopes.items()}
    tensors["seed/output"] = predict(weights).detach().numpy()
    tensors["seed/loss"] = loss_of(weights).detach().numpy()
    for rate in ("0.001", "0.00001"):
        trained = copies(weights)
        learnt = [weight for name, weight in trained.items() if name != "input"]
        tensors[f"seed/losses/lr={rate}"], _ = train(trained, loss_of, torch.optim.Adam(learnt, lr=float(rate)))
    tensors.update(check_values("seed", "target", target))
    metadata = {
        **METADATA,
        "losses": "losses/lr=<rate>: the mean squared error before each of ten Adam steps, from the given weights",
    }
    write_safetensors(OUTPUT / "seed.safetensors", tensors, metadata)


# The token model ------------------------------------------------------------------------------------------------------

TOKENS = {"rows": 6, "numeric": 4, "bins": 5, "cardinalities": (12, 2), "width": 8, "layers": 2, "state": 8}


def token_inputs():
    """Numeric values (NaN: missing), codes (-1: missing) and bin edges."""
    rows, features, bins = TOKENS["rows"], TOKENS["numeric"], TOKENS["bins"]
    numeric = golden_tensor("tokens/numeric", (rows, features), 3)
    numeric[1, 2] = numeric[4, 0] = numpy.nan
    share = (golden_tensor("tokens/codes", (rows, 2)).astype(numpy.float64) + 1) / 2
    codes = numpy.floor(share * TOKENS["cardinalities"]).astype(numpy.int32)
    codes[3, 0] = -1
    regular = [[-2 + 4 * j / bins + 0.1 * f for j in range(bins + 1)] for f in range(features)]
    edges = numpy.array(regular, dtype=numpy.float32) + golden_tensor("tokens/edges", (features, bins + 1), 0.05)
    assert (numpy.diff(edges, axis=1) > 0).all()
    return numeric, codes, edges


def token_shapes():
    features, bins, width, state = (TOKENS[name] for name in ("numeric", "bins", "width", "state"))
    shapes = {
        "tokens.numeric.weight": ((features, bins, width), 1, 0),
        "tokens.numeric.bias": ((features, width), 1, 0),
        "tokens.numeric.mask": ((features, width), 1, 0),
        "tokens.categorical.weight": ((sum(TOKENS["cardinalities"]) + 2, width), 1, 0),
    }
    for i in range(TOKENS["layers"]):
        shapes[f"backbone.layers.{i}.norm.weight"] = ((width,), 0.2, 1)
        shapes.update(prefixed(f"backbone.layers.{i}.mixer.", mixer_shapes(width, 2, state)))
    shapes["backbone.norm_f.weight"] = ((width,), 0.2, 1)
    shapes["head.weight"] = ((1, width), width**-0.5, 0)
    shapes["head.bias"] = ((1,), width**-0.5, 0)
    return shapes


def embed(w, numeric, codes, edges):
    """(rows, tokens, width): the numeric features' tokens, then the categorical features'."""
    x = torch.tensor(numeric, dtype=torch.float64)[:, :, None]
    low, high = (torch.tensor(part, dtype=torch.float64) for part in (edges[:, :-1], edges[:, 1:]))
    filled = ((torch.nan_to_num(x) - low) / (high - low)).clamp(0, 1)
    present = w["tokens.numeric.bias"] + torch.einsum("rft,ftd->rfd", filled, w["tokens.numeric.weight"])
    first = torch.where(torch.isnan(x), w["tokens.numeric.mask"], present)
    starts = numpy.cumsum([0, *(cardinality + 1 for cardinality in TOKENS["cardinalities"])])[:-1]
    chosen = torch.tensor(starts + 1 + codes, dtype=torch.int64)
    return torch.cat([first, w["tokens.categorical.weight"][chosen]], 1)


def decays(name):
    exempt = ("A_log", ".D", "bias", "norm.weight", "norm_f.weight")
    return not name.endswith(exempt) and not name.startswith("tokens.")


def write_tokens():
    numeric, codes, edges = token_inputs()
    weights = make("tokens", token_shapes())
    target = torch.tensor(golden_tensor("tokens/target", (TOKENS["rows"],)), dtype=torch.float64)

    def predict(w):
        h = embed(w, numeric, codes, edges)
        for i in range(TOKENS["layers"]):
            layer = f"backbone.layers.{i}."
            h = h + mixer(rms_norm(h, w[layer + "norm.weight"]), w, layer + "mixer.")
        return rms_norm(h, w["backbone.norm_f.weight"]).mean(1) @ w["head.weight"][0] + w["head.bias"]

    def loss_of(w):
        return ((predict(w) - target) ** 2).mean()

    slopes = gradients(loss_of(weights), weights)
    verify_slopes("tokens", weights, loss_of, slopes)
    tensors = {f"tokens/gradient/{name}": slope.numpy() for name, slope in slopes.items()}
    output = predict(weights).detach().requires_grad_()
    huber = F.huber_loss(output, target, delta=1.0)
    tensors["tokens/output"] = output.detach().numpy()
    tensors["tokens/loss"] = loss_of(weights).detach().numpy()
    tensors["tokens/huber/loss"] = huber.detach().numpy()
    tensors["tokens/huber/gradient"] = torch.autograd.grad(huber, output)[0].numpy()

    trained = copies(weights)
    tensors["tokens/losses/adam"], _ = train(trained, loss_of, torch.optim.Adam(list(trained.values()), lr=1e-3))
    trained = copies(weights)
    groups = [
        {"params": [weight for name, weight in trained.items() if decays(name)], "weight_decay": 0.1},
        {"params": [weight for name, weight in trained.items() if not decays(name)], "weight_decay": 0.0},
    ]
    adam_w = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.999), eps=1e-8)
    tensors["tokens/losses/adamW"], tensors["tokens/norms/adamW"] = train(trained, loss_of, adam_w, clip=1.0)

    tensors.update({"tokens/numeric": numeric, "tokens/codes": codes, "tokens/edges": edges})
    metadata = {
        **METADATA,
        "missing": "NaN in numeric, -1 in codes",
        "losses": "losses/<optimiser>: the mean squared error before each of ten steps, from the given weights",
        "norms": "norms/adamW: the global gradient norm at each of the ten steps, before it is clipped to 1",
        "decay": " ".join(name for name in weights if decays(name)),
    }
    write_safetensors(OUTPUT / "tokens.safetensors", tensors, metadata)


# Philox ---------------------------------------------------------------------------------------------------------------


def philox(counter, key, bits, multipliers, weyl):
    """Ten rounds of Philox 4xbits (Salmon et al. 2011)."""
    mask = (1 << bits) - 1
    (a, b, c, d), (k0, k1) = counter, key
    for _ in range(10):
        first, second = a * multipliers[0], c * multipliers[1]
        a, b, c, d = (second >> bits) ^ b ^ k0, second & mask, (first >> bits) ^ d ^ k1, first & mask
        k0, k1 = (k0 + weyl[0]) & mask, (k1 + weyl[1]) & mask
    return [a, b, c, d]


def write_philox():
    """Random123's three known answers for philox4x32-10, after this file's own cipher gave the same."""
    answers = (
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    )
    for row in answers:
        counter, key, answer = ([int(word, 16) for word in words.split()] for words in row)
        assert philox(counter, key, 32, (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85)) == answer, row
    # NumPy has the 64-bit sibling, which steps its counter before each block: it tests the rounds themselves.
    multipliers, weyl = (0xD2E7470EE14C6C93, 0xCA5A826395121157), (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
    wide = philox([6, 7, 8, 9], [3, 4], 64, multipliers, weyl)
    assert wide == numpy.random.Philox(counter=[5, 7, 8, 9], key=[3, 4]).random_raw(4).tolist()
    parts = ("counter", "key", "answer")
    rows = [{part: ["0x" + word for word in words.split()] for part, words in zip(parts, row)} for row in answers]
    (OUTPUT / "philox.json").write_text(json.dumps(rows, indent=2) + "\n")
    print(f"philox.json: {len(rows)} known answers")


def main():
    print(METADATA["versions"])
    if FOUND != PINNED:
        sys.exit(f"versions: must be {PINNED}, got {FOUND}")
    torch.set_num_threads(1)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    write_philox()
    write_seed()
    write_tokens()
    write_block()


if __name__ == "__main__":
    main()
