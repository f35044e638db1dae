"""What Lightning's own EarlyStopping does with made-up curves, as JSON: the oracle of `early-stop`."""

import json
import logging
import math
import random
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import torch
from lightning.pytorch.callbacks import EarlyStopping

CAUSES = {1: "stopping-threshold", 2: "divergence-threshold", 3: "patience", 4: "not-finite"}


def told(rules, values):
    """The index at which it stops and why, and its state there; of a run that it lets go on, of the end."""
    callback = EarlyStopping(**rules)
    for index, value in enumerate(values):
        stop, _ = callback._evaluate_stopping_criteria(torch.tensor(value, dtype=torch.float64))
        if stop:
            return {"at": index, "cause": CAUSES[callback.stopping_reason.value], "waited": callback.wait_count}
    return {"at": None, "cause": None, "waited": callback.wait_count}


def curve(draw):
    length = draw.randint(1, 30)
    kind = draw.choice(["falls", "rises", "wanders", "steps"])
    value = draw.uniform(0.5, 3)
    values = []
    for _ in range(length):
        change = {"falls": -0.05, "rises": 0.05, "wanders": 0, "steps": 0}[kind]
        value += change + draw.choice([0, 0.1 * draw.gauss(0, 1)])
        # Multiples of a quarter make ties and changes of exactly min_delta.
        values.append(round(value * 4) / 4 if kind == "steps" else value)
    if draw.random() < 0.15:
        values[draw.randrange(length)] = draw.choice([math.nan, math.inf, -math.inf])
    return values


def rules(draw):
    chosen = {"monitor": "val_loss", "mode": draw.choice(["min", "max"]), "patience": draw.randint(0, 6)}
    if draw.random() < 0.5:
        chosen["min_delta"] = draw.choice([0.0, 0.25, 0.01, 0.5])
    if draw.random() < 0.3:
        chosen["stopping_threshold"] = draw.choice([1.0, 1.5, 0.25])
    if draw.random() < 0.3:
        chosen["divergence_threshold"] = draw.choice([2.0, 2.5, 0.5])
    if draw.random() < 0.3:
        chosen["check_finite"] = False
    return chosen


def main():
    draw = random.Random(int(sys.argv[1]))
    cases = []
    for _ in range(int(sys.argv[2])):
        given, values = rules(draw), curve(draw)
        texts = [value if math.isfinite(value) else str(value) for value in values]
        cases.append({"rules": given, "values": texts, "told": told(given, values)})
    json.dump(cases, sys.stdout)


main()
