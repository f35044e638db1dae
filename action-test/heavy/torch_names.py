"""
Prints as JSON, by module, the public layers and optimizers of PyTorch; and its kinds of numbers, layouts and schemes of
quantizing, under `torch`.
"""

import inspect
import json
import sys
from collections import defaultdict

import torch

names = defaultdict(list)
for module, base in ((torch.nn, torch.nn.Module), (torch.optim, torch.optim.Optimizer)):
    for name in dir(module):
        found = getattr(module, name)
        if inspect.isclass(found) and issubclass(found, base):
            names[found.__module__].append(found.__name__)
KINDS = torch.dtype, torch.qscheme, torch.layout
names["torch"] = [name for name in dir(torch) if isinstance(getattr(torch, name), KINDS)]
json.dump(names, sys.stdout)
