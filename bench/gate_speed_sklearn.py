"""Times scikit-learn on two Parquet files of predictions; answers on standard output in JSON.

Usage: gate_speed_sklearn.py CHALLENGER CHAMPION REPLICATES
"""

import json
import sys
import time

import numpy as np
import pandas as pd
import sklearn
from sklearn import metrics as m

METRICS = [
    lambda y, p, s: m.accuracy_score(y, p),
    lambda y, p, s: m.balanced_accuracy_score(y, p),
    lambda y, p, s: m.precision_score(y, p),
    lambda y, p, s: m.recall_score(y, p),
    lambda y, p, s: m.f1_score(y, p),
    lambda y, p, s: m.matthews_corrcoef(y, p),
    lambda y, p, s: m.roc_auc_score(y, s),
    lambda y, p, s: m.average_precision_score(y, s),
    lambda y, p, s: m.log_loss(y, s),
    lambda y, p, s: m.brier_score_loss(y, s),
]

challenger, champion = (pd.read_parquet(path).sort_values("id") for path in sys.argv[1:3])
replicates = int(sys.argv[3])
truth = challenger.y_true.to_numpy()
models = [(side.y_pred.to_numpy(), side.y_score.to_numpy()) for side in (challenger, champion)]
slices = [np.flatnonzero(challenger.segment == name) for name in challenger.segment.unique()]


def numbers(rows):
    y = truth[rows]
    return [[metric(y, predicted[rows], score[rows]) for metric in METRICS] for predicted, score in models]


everything = slice(None)
begin = time.perf_counter()
numbers(everything)
of_numbers = time.perf_counter() - begin

random = np.random.default_rng(1)
begin = time.perf_counter()
for _ in range(replicates):
    for rows in [np.arange(len(truth)), *slices]:
        numbers(random.choice(rows, len(rows)))
of_replicate = (time.perf_counter() - begin) / replicates

print(json.dumps({"numbers": of_numbers, "replicate": of_replicate, "version": sklearn.__version__}))
