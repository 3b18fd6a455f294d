"""
Whether models travel between @hitscan/mamba and the real transformers, and mamba_ssm:

    python3 scripts/checkPretrained.py [--models 12] [--mamba-ssm <checkout of the authors' repository>]

Needs torch, numpy, safetensors and transformers (scripts/golden/pretrained.py names the versions), `node` on the PATH,
and the kernels built. Random small models of transformers are saved, read and run here, written again and loaded by
transformers, with nothing missing, unexpected or of another shape. So are models that were made here. With --mamba-ssm
the authors' own classes load each of them as well.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

import torch
import transformers
from mambaSsm import import_mamba_ssm, load_model
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOLERANCE = 1e-5


def draw_settings(draw, family):
    settings = {
        "hidden_size": draw.choice([8, 24, 32, 40]),
        "state_size": draw.choice([4, 8, 16]),
        "conv_kernel": draw.choice([2, 3, 4]),
        "expand": draw.choice([1, 2, 3]),
        "num_hidden_layers": draw.choice([1, 2, 3]),
        "vocab_size": draw.choice([17, 50, 64]),
        "tie_word_embeddings": draw.random() < 0.5,
    }
    if family == "Mamba2":
        inner = settings["hidden_size"] * settings["expand"]
        settings["num_heads"] = draw.choice([4, 8])
        settings["head_dim"] = inner // settings["num_heads"]
        settings["n_groups"] = draw.choice([1, 2, 4])
        settings["chunk_size"] = draw.choice([8, 256])
    return settings


def make_model(name, settings):
    family = name.removesuffix("Model").removesuffix("ForCausalLM")
    model = getattr(transformers, name)(getattr(transformers, f"{family}Config")(**settings))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


def hidden_states(model, ids):
    with torch.no_grad():
        output = getattr(model, "backbone", model)(ids.long())
    return getattr(output, "last_hidden_state", output)


def load(folder):
    """A folder's model, by the class that its config.json names; every tensor must have found its place."""
    config = transformers.AutoConfig.from_pretrained(folder)
    model, report = getattr(transformers, config.architectures[0]).from_pretrained(folder, output_loading_info=True)
    wrong = {key: names for key, names in report.items() if names}
    assert not wrong, f"{folder}: {wrong}"
    assert {"missing_keys", "unexpected_keys", "mismatched_keys"} <= report.keys()
    return model.eval()


def difference(a, b):
    return (a - b).abs().max().item()


def check_mamba_ssm(checkout, folder):
    # After transformers has answered, which would use kernels of this one.
    modules = import_mamba_ssm(checkout)
    worst = 0
    for ours in sorted(folder.iterdir()):
        answers = load_file(ours / "answers.safetensors")
        states = hidden_states(load_model(modules, ours / "mamba_ssm"), answers["ids"])
        away = difference(states, answers["hidden"])
        worst = max(worst, away)
        assert away <= TOLERANCE, f"{ours.name}: {away} in mamba_ssm"
    print(f"mamba_ssm: {len(list(folder.iterdir()))} models, worst {worst:.1e}")


def check(options, folder):
    torch.manual_seed(1)
    draw = random.Random(1)
    models = {}
    for index in range(options.models):
        family = ("Mamba", "Mamba2")[index % 2]
        name = family + draw.choice(["Model", "ForCausalLM"])
        model = make_model(name, draw_settings(draw, family))
        ids = torch.randint(0, model.config.vocab_size, (2, draw.choice([1, 5, 70])), dtype=torch.int32)
        theirs = folder / "theirs" / f"{index} {name}"
        model.save_pretrained(theirs)
        save_file({"ids": ids}, theirs / "ids.safetensors")
        models[theirs.name] = (model, ids)

    subprocess.run(["node", ROOT / "scripts/checkPretrained.ts", folder], check=True)

    worst = 0
    for ours in sorted((folder / "ours").iterdir()):
        answers = load_file(ours / "answers.safetensors")
        loaded = load(ours / "transformers")
        states = hidden_states(loaded, answers["ids"])
        away = difference(states, answers["hidden"])
        worst = max(worst, away)
        print(f"{ours.name:24} hidden states {tuple(states.shape)} off by at most {away:.1e}", end="")
        if ours.name in models:
            model, ids = models[ours.name]
            assert torch.equal(hidden_states(model, ids), states), f"{ours.name}: other hidden states on the way back"
            original, written = model.state_dict(), loaded.state_dict()
            assert original.keys() == written.keys()
            assert all(torch.equal(original[key], written[key]) for key in original)
            assert model.config.to_diff_dict() == loaded.config.to_diff_dict(), ours.name
            print(", back without a change", end="")
        print()
        assert away <= TOLERANCE, ours.name
    print(f"transformers {transformers.__version__}, torch {torch.__version__}: worst {worst:.1e}")

    if options.mamba_ssm:
        check_mamba_ssm(options.mamba_ssm, folder / "ours")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--models", type=int, default=12)
    arguments.add_argument("--mamba-ssm", metavar="checkout")
    transformers.logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as folder:
        check(arguments.parse_args(), pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
