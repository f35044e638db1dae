"""What people save of a training with PyTorch: schedulers, datasets, samplers, hyper-parameters, checkpoints of many archives."""

import argparse
import collections
import datetime
import decimal
import fractions
import os
import pathlib
import pickle
import shutil
import uuid

import torch
import torch.distributed.checkpoint as checkpoint
import torch.nn.utils.prune
from torch import nn
from torch.distributed.checkpoint.filesystem import FileSystemWriter
from torch.optim import lr_scheduler, swa_utils
from torch.utils import data


def network():
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))


def schedulers():
    """Whole, with the optimizer that each drives."""
    makers = {
        "chained": lambda of: lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(of), lr_scheduler.ExponentialLR(of, 0.9)]),
        "constant": lr_scheduler.ConstantLR,
        "cosine": lambda of: lr_scheduler.CosineAnnealingLR(of, 3),
        "cosine-restarts": lambda of: lr_scheduler.CosineAnnealingWarmRestarts(of, 3),
        "cyclic": lambda of: lr_scheduler.CyclicLR(of, 0.1, 0.2),
        "cyclic-2": lambda of: lr_scheduler.CyclicLR(of, 0.1, 0.2, mode="triangular2"),
        "linear": lr_scheduler.LinearLR,
        "one-cycle": lambda of: lr_scheduler.OneCycleLR(of, 0.1, 10),
        "plateau": lr_scheduler.ReduceLROnPlateau,
        "polynomial": lr_scheduler.PolynomialLR,
        "sequential": lambda of: lr_scheduler.SequentialLR(of, [lr_scheduler.ConstantLR(of), lr_scheduler.ExponentialLR(of, 0.9)], [2]),
        "step": lambda of: lr_scheduler.StepLR(of, 2),
        "steps": lambda of: lr_scheduler.MultiStepLR(of, [1, 2]),
        "averaged": lambda of: swa_utils.SWALR(of, 0.1),
        "averaged-linear": lambda of: swa_utils.SWALR(of, 0.1, anneal_strategy="linear"),
    }
    made = {}
    for name, make in makers.items():
        optimizer = torch.optim.SGD(network().parameters(), 0.1, momentum=0.9)
        made[f"whole-scheduler-{name}"] = make(optimizer)
    return made


def sparse_optimizer():
    layer = nn.Embedding(5, 3, sparse=True)
    optimizer = torch.optim.SparseAdam(layer.parameters(), lr=0.1)
    layer(torch.tensor([1])).sum().backward()
    optimizer.step()
    return optimizer


def values():
    rows = data.TensorDataset(torch.ones(8, 4), torch.zeros(8))
    model = network()
    # A copy whose averages follow a formula is not pickled whole.
    averaged = swa_utils.AveragedModel(model, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.99))
    given = argparse.Namespace(rate=0.1, path=pathlib.Path("/data/x"), names=["a"])
    parts = {"rate": 0.1, "layers": [1, 2], "path": pathlib.PosixPath("/data/x"), "since": datetime.datetime(2020, 1, 1)}
    normalized = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))
    with_tag = nn.Parameter(torch.ones(2))
    with_tag.tag = "x"
    pair = torch.ones(2, 2)
    return {
        **schedulers(),
        "sparse-optimizer": sparse_optimizer().state_dict(),
        "scaler": torch.amp.GradScaler("cpu").state_dict(),
        "whole-scaler": torch.amp.GradScaler("cpu"),
        "averaged-state": averaged.state_dict(),
        "datasets": [rows, data.Subset(rows, [1, 2]), data.ConcatDataset([rows, rows]), data.StackDataset(rows, rows)],
        "split": data.random_split(rows, [4, 4]),
        "samplers": [
            data.RandomSampler(rows),
            data.WeightedRandomSampler([1.0, 2.0], 2),
            data.BatchSampler(data.SequentialSampler(rows), 2, False),
            data.SubsetRandomSampler([1, 2]),
            data.distributed.DistributedSampler(rows, 2, 0),
        ],
        "normalized": normalized.state_dict(),
        "whole-normalized": nn.utils.spectral_norm(nn.Linear(3, 3)),
        "whole-pruned": nn.utils.prune.l1_unstructured(nn.Linear(3, 3), "weight", 0.5),
        "orthogonal": nn.utils.parametrizations.orthogonal(nn.Linear(3, 3)).state_dict(),
        "quantized-state": torch.ao.quantization.quantize_dynamic(network(), {nn.Linear}).state_dict(),
        "never-used": nn.LazyLinear(3).state_dict(),
        "parameters": [with_tag, nn.Buffer(torch.ones(2)), nn.parameter.UninitializedParameter()],
        "views": [torch.ones(10)[2:4], torch.ones(2, dtype=torch.complex64).conj().imag, torch.ones(2, requires_grad=True)],
        "several-values": [pair.max(0), pair.min(0), torch.topk(pair, 1), torch.sort(pair), torch.linalg.qr(pair), pair.median(0)],
        "version": {"torch": torch.__version__, "state": model.state_dict()},
        "kinds": [torch.Size([1, 2]), torch.device("cuda:0"), torch.float32, torch.strided, torch.per_tensor_affine],
        "hyper-parameters": {"hyper_parameters": parts, "args": given, "state_dict": model.state_dict()},
        "collections": [collections.defaultdict(kind) for kind in (list, int, dict, float, set)] + [collections.Counter("ab")],
        "values": [decimal.Decimal("1.5"), fractions.Fraction(1, 3), uuid.UUID(int=1), datetime.timedelta(1)],
    }


def save_training(place):
    """@param place a function that gives the path of a file from the parts of its name."""
    for name, value in values().items():
        torch.save(value, place(name, "model.pt"))
        torch.save(value, place(name, "legacy.pth"), _use_new_zipfile_serialization=False)
        with open(place(name, "pickled.pkl"), "wb") as stream:
            pickle.dump(value, stream)
    model = network()
    state = {"model": model.state_dict(), "optimizer": sparse_optimizer().state_dict(), "epoch": 3, "half": torch.ones(5).half()}
    for name, options in {"one": {}, "threads": {"thread_count": 3}, "single": {"single_file_per_rank": False}}.items():
        folder = os.path.dirname(place(f"distributed-{name}", "x"))
        checkpoint.save(state, storage_writer=FileSystemWriter(folder, **options), no_dist=True)
    folder = os.path.dirname(place("distributed-ranks", "x"))
    checkpoint.save(state, checkpoint_id=folder, no_dist=True, use_collectives=False)
    for kind in ("tar", "gztar", "zip"):
        shutil.make_archive(place("distributed-packed", kind), kind, os.path.dirname(place("distributed-one", "x")))
