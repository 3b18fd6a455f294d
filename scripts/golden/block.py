"""
The Mamba-1 block's equations in float64, and two independent routes that check them and their gradients.

Source: Gu & Dao 2023, Algorithm 2; A is discretised exactly, B by Euler's rule.
"""

import math
import sys

import torch
import torch.nn.functional as F

CONV = 4


def rank_of(width):
    return math.ceil(width / 16)


def mixer_shapes(width, expand, state):
    """The block's tensors: name → (shape, scale, shift)."""
    inner, rank = expand * width, rank_of(width)
    return {
        "in_proj.weight": ((2 * inner, width), width**-0.5, 0),
        "conv1d.weight": ((inner, 1, CONV), 0.5, 0),
        "conv1d.bias": ((inner,), 0.5, 0),
        "x_proj.weight": ((rank + 2 * state, inner), inner**-0.5, 0),
        "dt_proj.weight": ((inner, rank), rank**-0.5, 0),
        "dt_proj.bias": ((inner,), 1, -3),
        "A_log": ((inner, state), 1, 0.5),
        "D": ((inner,), 0.5, 1),
        "out_proj.weight": ((width, inner), inner**-0.5, 0),
    }


def softplus(x):
    return torch.where(x > 20, x, torch.log1p(torch.exp(x.clamp(max=20))))


def silu(x):
    return x / (1 + torch.exp(-x))


def causal_conv(x, weight, bias):
    """x (batch, length, inner); tap k meets x[t - (CONV - 1) + k]."""
    length = x.shape[1]
    padded = F.pad(x, (0, 0, CONV - 1, 0))
    return bias + sum(padded[:, k : k + length] * weight[:, 0, k] for k in range(CONV))


def scan(u, delta, A, B, C):
    """h[t] = exp(delta[t] A) h[t-1] + delta[t] B[t] u[t], y[t] = C[t] h[t], step by step."""
    h = torch.zeros(u.shape[0], *A.shape, dtype=u.dtype)
    rows = []
    for t in range(u.shape[1]):
        h = torch.exp(delta[:, t, :, None] * A) * h + (delta[:, t] * u[:, t])[..., None] * B[:, t, None, :]
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


def mix(half, z, w, convolve=causal_conv, scan=scan):
    """Between the projections: convolution, selection, scan, gate."""
    rank, state = w["dt_proj.weight"].shape[1], w["A_log"].shape[1]
    u = silu(convolve(half, w["conv1d.weight"], w["conv1d.bias"]))
    dt, B, C = (u @ w["x_proj.weight"].T).split([rank, state, state], -1)
    delta = softplus(dt @ w["dt_proj.weight"].T + w["dt_proj.bias"])
    y = scan(u, delta, -torch.exp(w["A_log"]), B, C) + w["D"] * u
    return y * silu(z)


def mixer(x, weights, prefix, convolve=causal_conv, scan=scan):
    """The Mamba-1 block: x (batch, length, width) → (batch, length, width)."""
    w = {name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)}
    half, z = (x @ w["in_proj.weight"].T).chunk(2, -1)
    return mix(half, z, w, convolve, scan) @ w["out_proj.weight"].T


def rms_norm(x, weight):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight


def gradients(loss, weights):
    return dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))


def library_conv(x, weight, bias):
    length = x.shape[1]
    wide = F.conv1d(x.transpose(1, 2), weight, bias, padding=CONV - 1, groups=weight.shape[0])
    return wide[..., :length].transpose(1, 2)


def closed_scan(u, delta, A, B, C):
    """y[t] = sum over s <= t of C[t] exp(A (S[t] - S[s])) delta[s] B[s] u[s], S the running sum of delta."""
    total = delta.cumsum(1)
    elapsed = total[:, :, None] - total[:, None]
    past = torch.ones(u.shape[1], u.shape[1], dtype=torch.float64).tril()[None, :, :, None, None]
    weight = torch.exp(elapsed[..., None] * A * past) * past
    return torch.einsum("btn,btsin,bsi,bsn->bti", C, weight, delta * u, B)


def verify_closed_form(case, weights, dout, output, slopes):
    """Closed-form scan and library convolution."""
    other = mixer(weights["input"], weights, "", library_conv, closed_scan)
    verify_other_route(case, weights, dout, output, slopes, other)


def verify_other_route(case, weights, dout, output, slopes, other):
    """The output on another route, and its gradients; 1e-12 of the largest element covers float64's rounding."""
    pairs = {"output": (output, other)}
    for name, slope in gradients((other * dout).sum(), weights).items():
        pairs[name] = (slopes[name], slope)
    for name, (found, expected) in pairs.items():
        limit = 1e-12 * max(1.0, expected.abs().max().item())
        worst = (found - expected).abs().max().item()
        assert worst <= limit, f"{case}/{name}: the other route differs by {worst}"


def verify_slopes(case, weights, loss_of, slopes):
    """Five-point central differences (error about 1e-12 at this step) at three elements of every tensor."""
    if "--check" not in sys.argv:
        return
    worst, step = 0.0, 1e-3
    with torch.no_grad():
        for name, slope in slopes.items():
            flat = weights[name].view(-1)
            for i in {0, flat.numel() // 2, slope.abs().argmax().item()}:
                held = flat[i].item()
                values = []
                for shift in (-2, -1, 1, 2):
                    flat[i] = held + shift * step
                    values.append(loss_of(weights).item())
                flat[i] = held
                estimate = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
                error = abs(estimate - slope.view(-1)[i].item()) / max(1.0, slope.abs().max().item())
                assert error < 1e-8, f"{case}/gradient/{name}[{i}]: central difference off by {error}"
                worst = max(worst, error)
    print(f"{case}: central differences agree within {worst:.1e}")
