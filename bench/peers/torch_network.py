"""The benchmark's networks in PyTorch, around any Mamba block, and the rows measured on them. PyTorch 1.13 or newer."""

import time

import torch
from conversation import check_falling
from torch import nn
from torch.nn import functional


def scan_as_published(decay, drive, C):
    """The recurrence as a loop over positions, as in the authors' reference."""
    h = torch.zeros_like(decay[:, 0])
    outputs = []
    for t in range(decay.shape[1]):
        h = decay[:, t] * h + drive[:, t]
        outputs.append((h * C[:, t].unsqueeze(1)).sum(-1))
    return torch.stack(outputs, dim=1)


def scan_by_position(decay, drive, C):
    """
    That loop with all positions taken apart at once, in the peer's favour: the derivative of `decay[:, t]` fills a tensor
    of the whole length at every position.
    """
    h = torch.zeros_like(decay[:, 0])
    outputs = []
    for a, x, c in zip(decay.unbind(1), drive.unbind(1), C.unbind(1)):
        h = a * h + x
        outputs.append((h * c.unsqueeze(1)).sum(-1))
    return torch.stack(outputs, dim=1)


class Mamba(nn.Module):
    """The authors' block in plain PyTorch, around one of the scans above."""

    def __init__(self, d_model, scan=scan_by_position, d_state=16, d_conv=4, expand=2):
        super().__init__()
        inner = expand * d_model
        self.rank = -(-d_model // 16)
        self.state = d_state
        self.scan = scan
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
        y = (self.scan(decay, drive, C) + self.D * u) * functional.silu(z)
        return self.out_proj(y)


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Tokens(nn.Module):
    """13 tokens given as they are: the embeddings are left out, in the peer's favour."""

    def __init__(self, block, d_model=64, layers=4):
        super().__init__()
        self.norms = nn.ModuleList(Norm(d_model) for _ in range(layers))
        self.mixers = nn.ModuleList(block(d_model) for _ in range(layers))
        self.last = Norm(d_model)
        self.head = nn.Linear(d_model, 1)

    def forward(self, x):
        for norm, mixer in zip(self.norms, self.mixers):
            x = x + mixer(norm(x))
        return self.head(self.last(x).mean(1)).squeeze(-1)


class Seed(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.mamba = block(13)
        self.head = nn.Linear(13, 1)

    def forward(self, x):
        return torch.sigmoid(self.head(torch.relu(self.mamba(x.unsqueeze(1)).squeeze(1)))).squeeze(-1) * 100


def count_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def make_optimiser(kind, parameters, **settings):
    """The fused one where PyTorch has it for the CPU."""
    parameters = list(parameters)
    try:
        return kind(parameters, fused=True, **settings)
    except (RuntimeError, TypeError):
        return kind(parameters, **settings)


def prepare_training(model, x, target, optimiser, clip, threads, warm, steps, transform):
    """A round is `steps` whole training steps; the figure is seconds a step."""
    torch.set_num_threads(threads)
    forward = transform(model)
    losses = []

    def step():
        optimiser.zero_grad()
        loss = functional.mse_loss(forward(x), target)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        return loss

    losses.append(step().item())
    for _ in range(warm):
        step()

    def measure():
        torch.set_num_threads(threads)
        started = time.perf_counter()
        for _ in range(steps):
            loss = step()
        seconds = (time.perf_counter() - started) / steps
        losses.append(loss.item())
        check_falling(losses)
        return seconds

    return measure


def scaled(measure, factor):
    return lambda: factor * measure()


def seed_training(block, transform, seed):
    def prepare():
        adam = make_optimiser(torch.optim.Adam, seed.parameters(), lr=1e-5)
        x, target = torch.randn(64, 13), 66 + 11 * torch.randn(64)
        return scaled(prepare_training(seed, x, target, adam, None, 1, 30, 100, transform), 27_000)

    return prepare


def tokens_step(tokens, transform):
    def prepare():
        adam_w = make_optimiser(torch.optim.AdamW, tokens.parameters(), lr=1e-3)
        x, target = torch.randn(128, 13, 64), torch.randn(128)
        return scaled(prepare_training(tokens, x, target, adam_w, 1.0, 2, 2, 2, transform), 1000)

    return prepare


def tokens_activations(tokens):
    """Megabytes that autograd keeps from the way forward for the way back; derivatives are left out."""

    def measure():
        own = {parameter.data_ptr() for parameter in tokens.parameters()}
        kept = {}

        def pack(tensor):
            storage = tensor.untyped_storage() if hasattr(tensor, "untyped_storage") else tensor.storage()
            if storage.data_ptr() not in own:
                # The tensor as well, so that its memory is not given to the next.
                kept[storage.data_ptr()] = (storage.nbytes(), tensor)
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            tokens(torch.randn(128, 13, 64)).sum()
        return sum(size for size, _ in kept.values()) / 1e6

    return lambda: measure


def inference(tokens, rows, calls, transform, convert):
    def prepare():
        torch.set_num_threads(1)
        forward = transform(tokens)
        x = torch.randn(rows, 13, 64)

        def measure():
            torch.set_num_threads(1)
            with torch.no_grad():
                started = time.perf_counter()
                for _ in range(calls):
                    forward(x)
                return convert((time.perf_counter() - started) / calls)

        measure()
        return measure

    return prepare


def long_scan(scan, length=1024, inner=512, state=16):
    """Nanoseconds a position; of a sequence 1,024 positions where ours has 65,536, as the states of all positions are kept."""

    def prepare():
        torch.set_num_threads(1)
        shapes = [(1, length, inner)] * 3 + [(1, length, state)] * 2 + [(inner, state), (inner,), (inner,)]
        inputs = [(2 * torch.rand(shape) - 1).requires_grad_() for shape in shapes]
        dy = torch.randn(1, length, inner)

        def measure():
            torch.set_num_threads(1)
            started = time.perf_counter()
            u, dt, z, B, C, A_log, D, dt_bias = inputs
            delta = functional.softplus(dt + dt_bias)
            decay = torch.exp(delta.unsqueeze(-1) * -torch.exp(A_log))
            y = (scan(decay, (delta * u).unsqueeze(-1) * B.unsqueeze(2), C) + D * u) * functional.silu(z)
            torch.autograd.grad(y, inputs, dy)
            return (time.perf_counter() - started) * 1e9 / length

        return measure

    return prepare


def matmul():
    torch.set_num_threads(1)
    x, weight = torch.randn(1664, 64), torch.randn(256, 64)

    def measure():
        torch.set_num_threads(1)
        with torch.no_grad():
            started = time.perf_counter()
            for _ in range(100):
                functional.linear(x, weight)
            return 100 * 2 * 1664 * 64 * 256 / (time.perf_counter() - started) / 1e9

    measure()
    return measure


def list_rows(block, transform=lambda model: model):
    """The rows of networks of such blocks; `transform` is what compiles, where something does."""
    torch.manual_seed(1)
    seed, tokens = Seed(block), Tokens(block)
    count = count_parameters(tokens)
    return {
        "seed-training": (count_parameters(seed), seed_training(block, transform, seed)),
        "tokens-step": (count, tokens_step(tokens, transform)),
        "tokens-activations": (count, tokens_activations(tokens)),
        "inference-row": (count, inference(tokens, 1, 20, transform, lambda seconds: 1e6 * seconds)),
        # In pieces, which is faster than 2,048 rows at once.
        "inference-batch": (count, inference(tokens, 256, 2, transform, lambda seconds: 256 / seconds)),
    }


def versions():
    return {"torch": torch.__version__}
