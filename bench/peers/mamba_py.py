"""mambapy's Mamba block, with its parallel scan in PyTorch."""

from importlib.metadata import version

from conversation import converse
from mambapy.mamba import MambaBlock, MambaConfig
from mambapy.pscan import pscan
from torch_network import list_rows, long_scan, versions


def block(d_model):
    return MambaBlock(MambaConfig(d_model=d_model, n_layers=1, d_state=16, d_conv=4, expand_factor=2))


def scan(decay, drive, C):
    return (pscan(decay, drive) @ C.unsqueeze(-1)).squeeze(3)


rows = {**list_rows(block), "long-scan": (None, long_scan(scan))}
converse(f"mambapy {version('mambapy')}", {**versions(), "mambapy": version("mambapy")}, rows)
