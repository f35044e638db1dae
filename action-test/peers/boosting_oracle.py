"""Answers on standard output what scikit-learn's boosted trees predict for the cases on standard input (both JSON)."""

import json
import os
import sys

# Threads that wait for each other take ten times as long on a busy machine.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


def table(columns):
    # scikit-learn breaks on a column of nothing but holes, which can say nothing: zeros stand for it.
    filled = [[0] * len(column) if all(value is None for value in column) else column for column in columns]
    return np.array([[np.nan if value is None else value for value in column] for column in filled], float).T


def answer(case):
    model = (HistGradientBoostingClassifier if case["objective"] == "binary" else HistGradientBoostingRegressor)(
        max_iter=case["rounds"],
        learning_rate=case["learningRate"],
        max_leaf_nodes=case["leaves"],
        max_bins=case["bins"],
        min_samples_leaf=case["minLeafRows"],
        early_stopping=False,
    )
    model.fit(table(case["columns"]), np.array(case["target"]), sample_weight=case.get("weights"))
    at = table(case["at"])
    if case["objective"] == "squared":
        return {"predictions": model.predict(at).tolist()}
    return {"predictions": model.predict_proba(at)[:, -1].tolist()}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
