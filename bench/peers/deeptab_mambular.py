"""The Mamba block of DeepTab's Mambular at our size: d_state 16 and no biases, where its own defaults are 256 and biases."""

from importlib.metadata import version

from conversation import converse
from deeptab.nn.blocks.mamba import MambaBlock
from torch_network import list_rows, versions


def block(d_model):
    return MambaBlock(
        d_model=d_model, expand_factor=2, bias=False, d_conv=4, conv_bias=True, dropout=0.0, dt_rank=-(-d_model // 16), d_state=16
    )


converse(f"DeepTab {version('deeptab')} Mambular", {**versions(), "deeptab": version("deeptab")}, list_rows(block))
