"""
Golden files for the interchange of pretrained weights: `python3 scripts/golden/pretrained.py` writes
packages/mamba/src/golden/pretrained/.

Small models of Hugging Face transformers with random weights, saved by its own save_pretrained: `<case>.json` is the
config.json, `<case>.safetensors` the weights. `expected.safetensors` holds the token ids that each was given and what
it made of them: `last_hidden_state`, and the logits where it has a language-modelling head.

Every parameter is moved from its initial value, as norms that are all ones and biases that are all zeros would not show
whether they are read. Pinned to the versions below: others may draw other weights.
"""

import pathlib
import platform
import shutil
import sys
import tempfile

import numpy
import safetensors
import torch
import transformers

from inputs import write_safetensors

PINNED = {"python": "3.11.7", "numpy": "2.4.6", "torch": "2.15.0", "transformers": "5.23.0", "safetensors": "0.8.0"}
FOUND = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "safetensors": safetensors.__version__,
}
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/mamba/src/golden/pretrained"

MAMBA = {"hidden_size": 20, "state_size": 6, "num_hidden_layers": 2, "vocab_size": 40}
MAMBA2 = {**MAMBA, "num_heads": 4, "head_dim": 10, "n_groups": 1, "chunk_size": 4}
BATCH, LENGTH = 2, 11

# name: (class, settings, dtype of the file)
CASES = {
    "mamba": ("MambaModel", MAMBA, torch.float32),
    "mamba-tied": ("MambaForCausalLM", {**MAMBA, "conv_kernel": 3, "num_hidden_layers": 1}, torch.float32),
    "mamba-untied": (
        "MambaForCausalLM",
        {**MAMBA, "expand": 1, "tie_word_embeddings": False, "eos_token_id": 7},
        torch.float32,
    ),
    "mamba-bfloat16": ("MambaForCausalLM", MAMBA, torch.bfloat16),
    "mamba2": ("Mamba2Model", MAMBA2, torch.float32),
    "mamba2-tied": (
        "Mamba2ForCausalLM",
        {**MAMBA2, "n_groups": 2, "tie_word_embeddings": True, "num_hidden_layers": 1},
        torch.float32,
    ),
    "mamba2-untied": ("Mamba2ForCausalLM", {**MAMBA2, "n_groups": 2, "conv_kernel": 2}, torch.float32),
    "mamba2-float16": ("Mamba2Model", {**MAMBA2, "num_heads": 2, "head_dim": 20}, torch.float16),
}


def make_model(name, settings):
    model = getattr(transformers, name)(transformers.CONFIG_MAPPING["mamba2" if "2" in name else "mamba"](**settings))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


def answer(model, ids):
    """What the model makes of the ids, in float32."""
    with torch.no_grad():
        backbone = getattr(model, "backbone", model)
        answers = {"hidden": backbone(ids).last_hidden_state}
        if backbone is not model:
            answers["logits"] = model(ids).logits
    return {name: values.numpy() for name, values in answers.items()}


def write_case(case, name, settings, dtype, expected):
    model = make_model(name, settings)
    ids = torch.randint(0, settings["vocab_size"], (BATCH, LENGTH))
    with tempfile.TemporaryDirectory() as folder:
        model.to(dtype).save_pretrained(folder)
        for source, target in (("config.json", f"{case}.json"), ("model.safetensors", f"{case}.safetensors")):
            shutil.copyfile(pathlib.Path(folder, source), OUTPUT / target)
        loaded = type(model).from_pretrained(folder, dtype=torch.float32).eval()
    expected[f"{case}/ids"] = ids.numpy().astype(numpy.int32)
    expected.update({f"{case}/{part}": values for part, values in answer(loaded, ids).items()})
    print(f"{case}: {name}, {(OUTPUT / f'{case}.safetensors').stat().st_size} bytes")


def main():
    print(FOUND)
    if FOUND != PINNED:
        sys.exit(f"versions: must be {PINNED}, got {FOUND}")
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    expected = {}
    for seed, (case, model) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        write_case(case, *model, expected)
    metadata = {
        "writer": "scripts/golden/pretrained.py",
        "versions": " ".join(f"{name} {version}" for name, version in FOUND.items()),
        "contents": "<case>/ids, <case>/hidden (batch, length, hidden_size), <case>/logits (batch, length, vocab_size)",
    }
    write_safetensors(OUTPUT / "expected.safetensors", expected, metadata)


if __name__ == "__main__":
    main()
