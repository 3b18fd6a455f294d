"""PyTorch, eager, with the scan as a loop over positions in the authors' published form; one JSON line on stdout.

Measures what bench/cases.ts measures: `seed-training` (seconds for 27,000 steps, 1 thread) and `tokens-step`
(milliseconds, 2 threads). Any PyTorch from 1.13 on.
"""

import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


class Mamba(nn.Module):
    def __init__(self, d_model, d_state=16, d_conv=4, expand=2):
        super().__init__()
        inner = expand * d_model
        self.rank = -(-d_model // 16)
        self.inner, self.state = inner, d_state
        self.in_proj = nn.Linear(d_model, 2 * inner, bias=False)
        self.conv1d = nn.Conv1d(inner, inner, d_conv, groups=inner, padding=d_conv - 1)
        self.x_proj = nn.Linear(inner, self.rank + 2 * d_state, bias=False)
        self.dt_proj = nn.Linear(self.rank, inner)
        self.A_log = nn.Parameter(torch.log(torch.arange(1.0, d_state + 1)).repeat(inner, 1))
        self.D = nn.Parameter(torch.ones(inner))
        self.out_proj = nn.Linear(inner, d_model, bias=False)

    def forward(self, x):
        length = x.shape[1]
        u, z = self.in_proj(x).chunk(2, dim=-1)
        u = functional.silu(self.conv1d(u.transpose(1, 2))[..., :length].transpose(1, 2))
        dt, B, C = self.x_proj(u).split([self.rank, self.state, self.state], dim=-1)
        delta = functional.softplus(self.dt_proj(dt))
        decay = torch.exp(delta.unsqueeze(-1) * -torch.exp(self.A_log))
        drive = (delta * u).unsqueeze(-1) * B.unsqueeze(2)
        h = torch.zeros_like(decay[:, 0])
        outputs = []
        for t in range(length):
            h = decay[:, t] * h + drive[:, t]
            outputs.append((h * C[:, t].unsqueeze(1)).sum(-1))
        y = (torch.stack(outputs, dim=1) + self.D * u) * functional.silu(z)
        return self.out_proj(y)


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Tokens(nn.Module):
    """13 tokens given as they are: the embeddings are left out, in the peer's favour."""

    def __init__(self, d_model=64, layers=4):
        super().__init__()
        self.norms = nn.ModuleList(Norm(d_model) for _ in range(layers))
        self.mixers = nn.ModuleList(Mamba(d_model) for _ in range(layers))
        self.last = Norm(d_model)
        self.head = nn.Linear(d_model, 1)

    def forward(self, x):
        for norm, mixer in zip(self.norms, self.mixers):
            x = x + mixer(norm(x))
        return self.head(self.last(x).mean(1)).squeeze(-1)


class Seed(nn.Module):
    def __init__(self):
        super().__init__()
        self.mamba = Mamba(13)
        self.head = nn.Linear(13, 1)

    def forward(self, x):
        return torch.sigmoid(self.head(torch.relu(self.mamba(x.unsqueeze(1)).squeeze(1)))).squeeze(-1) * 100


def time_steps(model, x, target, optimiser, steps, warm):
    seconds = []
    for step in range(warm + steps):
        started = time.perf_counter()
        optimiser.zero_grad()
        loss = functional.mse_loss(model(x), target)
        loss.backward()
        optimiser.step()
        if step >= warm:
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    seed = Seed()
    adam = torch.optim.Adam(seed.parameters(), lr=1e-5)
    seed_step = time_steps(seed, torch.randn(64, 13), 66 + 11 * torch.randn(64), adam, steps=300, warm=50)
    torch.set_num_threads(2)
    tokens = Tokens()
    adam_w = torch.optim.AdamW(tokens.parameters(), lr=1e-3)
    tokens_step = time_steps(tokens, torch.randn(128, 13, 64), torch.randn(128), adam_w, steps=9, warm=3)
    medians = {"seed-training": 27_000 * seed_step, "tokens-step": 1000 * tokens_step}
    print(json.dumps({"peer": f"PyTorch {torch.__version__} eager", "medians": medians}))


main()
