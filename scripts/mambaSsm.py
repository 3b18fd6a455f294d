"""
The authors' mamba_ssm without a GPU: its own classes, from a checkout of its repository, on the reference functions
that stand beside its kernels. For scripts/checkPretrained.py; needs einops and triton, which its modules import.

Made for mamba_ssm 2.3.2.
"""

import importlib
import json
import pathlib
import sys
import types

from safetensors.torch import load_file


def import_mamba_ssm(checkout):
    """The modules of the model and its config, with kernels replaced by the reference functions."""
    # Instead of the package's own __init__, which imports what only a GPU has.
    package = types.ModuleType("mamba_ssm")
    package.__path__ = [str(pathlib.Path(checkout, "mamba_ssm"))]
    sys.modules["mamba_ssm"] = package
    third = sys.modules["mamba_ssm.modules.mamba3"] = types.ModuleType("mamba_ssm.modules.mamba3")
    third.Mamba3 = None

    def load(name):
        return importlib.import_module(f"mamba_ssm.{name}")

    scan, combined = load("ops.selective_scan_interface"), load("ops.triton.ssd_combined")
    norm, gated = load("ops.triton.layer_norm"), load("ops.triton.layernorm_gated")
    first, second = load("modules.mamba_simple"), load("modules.mamba2")
    first.selective_scan_fn = scan.selective_scan_fn = scan.selective_scan_ref

    def scan_heads(x, dt, A, B, C, D, dt_bias, dt_softplus, **_):
        return combined.ssd_selective_scan(x, dt, A, B, C, D=D, dt_bias=dt_bias, dt_softplus=dt_softplus)

    second.mamba_chunk_scan_combined = scan_heads
    norm.RMSNorm.forward = lambda self, x: norm.rms_norm_ref(x, self.weight, self.bias, eps=self.eps)
    gated.RMSNorm.forward = lambda self, x, z: gated.rms_norm_ref(
        x, self.weight, self.bias, z=z, eps=self.eps, group_size=self.group_size, norm_before_gate=self.norm_before_gate
    )
    return load("models.mixer_seq_simple"), load("models.config_mamba")


def load_model(modules, folder):
    """A folder's model; load_state_dict is strict: every tensor must have found its place."""
    models, configs = modules
    config = configs.MambaConfig(**json.loads(pathlib.Path(folder, "config.json").read_text()))
    config.fused_add_norm = False
    model = models.MambaLMHeadModel(config)
    model.load_state_dict(load_file(pathlib.Path(folder, "model.safetensors")))
    for layer in model.backbone.layers:
        layer.mixer.use_mem_eff_path = False
    return model.eval()
