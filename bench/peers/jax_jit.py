"""JAX on the CPU: the whole training step under jit, the recurrence by lax.scan or lax.associative_scan (the argument).

XLA takes as many threads as it likes in every row, in its favour.
"""

import sys
import time

import jax
import jax.numpy as jnp
from conversation import check_falling, converse
from jax import lax

jax.config.update("jax_platforms", "cpu")
associative = sys.argv[1] == "associative"
keys = iter(jax.random.split(jax.random.key(1), 200))


def scan(decay, drive, C):
    """decay, drive (batch, length, inner, state), C (batch, length, state)."""
    if associative:
        _, h = lax.associative_scan(lambda a, b: (a[0] * b[0], b[0] * a[1] + b[1]), (decay, drive), axis=1)
        return jnp.einsum("blds,bls->bld", h, C)

    def advance(h, inputs):
        a, x, c = inputs
        h = a * h + x
        return h, jnp.einsum("bds,bs->bd", h, c)

    first = jnp.zeros_like(decay[:, 0])
    # Written out, 13 positions take two thirds of the time.
    unroll = decay.shape[1] < 32
    _, y = lax.scan(advance, first, tuple(jnp.moveaxis(part, 1, 0) for part in (decay, drive, C)), unroll=unroll)
    return jnp.moveaxis(y, 0, 1)


def uniform(shape, fan_in):
    return jax.random.uniform(next(keys), shape, minval=-(fan_in**-0.5), maxval=fan_in**-0.5)


def draw_block(d_model, d_state=16, d_conv=4, expand=2):
    inner, rank = expand * d_model, -(-d_model // 16)
    return {
        "in_proj": uniform((2 * inner, d_model), d_model),
        "conv": uniform((d_conv, inner), d_conv),
        "conv_bias": uniform((inner,), d_conv),
        "x_proj": uniform((rank + 2 * d_state, inner), inner),
        "dt_proj": uniform((inner, rank), rank),
        "dt_bias": uniform((inner,), rank),
        "A_log": jnp.tile(jnp.log(jnp.arange(1.0, d_state + 1)), (inner, 1)),
        "D": jnp.ones(inner),
        "out_proj": uniform((d_model, inner), inner),
    }


def mamba(p, x):
    length, (inner, rank), state = x.shape[1], p["dt_proj"].shape, p["A_log"].shape[1]
    u, z = jnp.split(x @ p["in_proj"].T, [inner], axis=-1)
    taps = p["conv"].shape[0]
    padded = jnp.pad(u, ((0, 0), (taps - 1, 0), (0, 0)))
    u = jax.nn.silu(sum(padded[:, k : k + length] * p["conv"][k] for k in range(taps)) + p["conv_bias"])
    dt, B, C = jnp.split(u @ p["x_proj"].T, [rank, rank + state], axis=-1)
    delta = jax.nn.softplus(dt @ p["dt_proj"].T + p["dt_bias"])
    decay = jnp.exp(delta[..., None] * -jnp.exp(p["A_log"]))
    y = scan(decay, (delta * u)[..., None] * B[:, :, None], C)
    return ((y + p["D"] * u) * jax.nn.silu(z)) @ p["out_proj"].T


def normalise(x, weight):
    return x * lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-5) * weight


def predict_tokens(p, x):
    """13 tokens given as they are: the embeddings are left out, in the peer's favour."""
    for norm, block in zip(p["norms"], p["blocks"]):
        x = x + mamba(block, normalise(x, norm))
    return normalise(x, p["last"]).mean(1) @ p["head"] + p["head_bias"]


def predict_seed(p, x):
    y = jax.nn.relu(mamba(p["block"], x[:, None])[:, 0])
    return 100 * jax.nn.sigmoid(y @ p["head"] + p["head_bias"])


tokens = {
    "norms": [jnp.ones(64) for _ in range(4)],
    "blocks": [draw_block(64) for _ in range(4)],
    "last": jnp.ones(64),
    "head": uniform((64,), 64),
    "head_bias": jnp.zeros(()),
}
seed = {"block": draw_block(13), "head": uniform((13,), 13), "head_bias": uniform((), 13)}


def make_step(predict, rate, decay, clip):
    """Forward, backward, clipping and AdamW in one compiled function, its memory used again."""

    def step(p, m, v, t, x, target):
        loss, g = jax.value_and_grad(lambda q: jnp.mean((predict(q, x) - target) ** 2))(p)
        if clip:
            norm = jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(g)))
            g = jax.tree.map(lambda leaf: leaf * jnp.minimum(1, clip / (norm + 1e-6)), g)
        t = t + 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)

        def update(q, a, b):
            return q * (1 - rate * decay) - rate * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8)

        return jax.tree.map(update, p, m, v), m, v, t, loss

    return jax.jit(step, donate_argnums=(0, 1, 2))


def training(p, predict, x, target, rate, decay, clip, steps, factor):
    def prepare():
        step = make_step(predict, rate, decay, clip)
        zeros = lambda: jax.tree.map(jnp.zeros_like, p)  # noqa: E731
        held = [jax.tree.map(jnp.copy, p), zeros(), zeros(), jnp.zeros(())]
        losses = []

        def advance(count):
            for _ in range(count):
                *held[:], loss = step(*held, x, target)
            losses.append(float(loss))

        advance(1)
        advance(3)

        def measure():
            started = time.perf_counter()
            advance(steps)
            seconds = (time.perf_counter() - started) / steps
            check_falling(losses)
            return factor * seconds

        return measure

    return prepare


def timed(function, calls, convert):
    """Of a compiled function that gives back something to wait for."""

    def prepare():
        jax.block_until_ready(function())

        def measure():
            started = time.perf_counter()
            for _ in range(calls):
                jax.block_until_ready(function())
            return convert((time.perf_counter() - started) / calls)

        return measure

    return prepare


def inference(rows, calls, convert):
    x = jax.random.normal(next(keys), (rows, 13, 64))
    predict = jax.jit(predict_tokens)
    return timed(lambda: predict(tokens, x), calls, convert)


def long_scan(length=1024, inner=512, state=16):
    """Nanoseconds a position; of a sequence 1,024 positions where ours has 65,536, as the states of all positions are kept."""
    shapes = [(1, length, inner)] * 3 + [(1, length, state)] * 2 + [(inner, state), (inner,), (inner,)]
    inputs = [jax.random.uniform(next(keys), shape, minval=-1, maxval=1) for shape in shapes]
    dy = jax.random.normal(next(keys), (1, length, inner))

    def weigh(u, dt, z, B, C, A_log, D, dt_bias):
        delta = jax.nn.softplus(dt + dt_bias)
        decay = jnp.exp(delta[..., None] * -jnp.exp(A_log))
        return jnp.sum(dy * (scan(decay, (delta * u)[..., None] * B[:, :, None], C) + D * u) * jax.nn.silu(z))

    both = jax.jit(jax.value_and_grad(weigh, argnums=tuple(range(8))))
    return timed(lambda: both(*inputs), 1, lambda seconds: 1e9 * seconds / length)


def count(p):
    return sum(leaf.size for leaf in jax.tree.leaves(p))


def draw(*shape):
    return jax.random.normal(next(keys), shape)


rows = {
    "seed-training": (
        count(seed),
        training(seed, predict_seed, draw(64, 13), 66 + 11 * draw(64), 1e-5, 0, None, 300, 27_000),
    ),
    "tokens-step": (count(tokens), training(tokens, predict_tokens, draw(128, 13, 64), draw(128), 1e-3, 0.01, 1.0, 4, 1000)),
    "long-scan": (None, long_scan()),
    "inference-row": (count(tokens), inference(1, 100, lambda seconds: 1e6 * seconds)),
    # In pieces, which is faster than 2,048 rows at once.
    "inference-batch": (count(tokens), inference(256, 2, lambda seconds: 256 / seconds)),
}
name = "associative_scan" if associative else "lax.scan"
converse(f"JAX {jax.__version__} jit, {name}", {"jax": jax.__version__}, rows)
