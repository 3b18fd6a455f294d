"""PyTorch with torch.compile: the network and its derivative compiled by the Inductor, for which a C++ compiler must be there."""

import torch
from conversation import converse
from torch_network import Mamba, list_rows, versions

rows = list_rows(Mamba, torch.compile)
# What the compiled network keeps is no business of autograd's hooks.
del rows["tokens-activations"]
converse(f"PyTorch {torch.__version__.split('+')[0]} torch.compile", versions(), rows)
