"""Predictive power by scikit-learn's metrics: what the oracles of validate-data share."""
import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, r2_score


def folds(count):
    return np.array([((position * 2654435761) % 4294967296) // 1073741824 for position in range(1, count + 1)])


def power(cells, labels, fold=None):
    """@param fold of each row; by default that of its place."""
    fold, cells, labels = folds(len(cells)) if fold is None else fold, pd.Series(cells), pd.Series(labels)
    numeric = labels.dtype.kind == "f"
    guess = pd.Series(index=labels.index, dtype=labels.dtype)
    most = lambda values: values.mean() if numeric else values.mode().sort_values().iloc[0]
    for k in range(4):
        train = fold != k
        by_cell = labels[train].groupby(cells[train]).agg(most)
        test = cells[~train]
        guess[~train] = [by_cell.get(cell, most(labels[train])) for cell in test]
    if numeric:
        return max(0.0, r2_score(labels, guess))
    score = lambda prediction: f1_score(labels, prediction, average="weighted", zero_division=0)
    shares = labels.value_counts(normalize=True)
    naive = max(score([most(labels)] * len(labels)), float((shares**2).sum()))
    return max(0.0, (score(guess) - naive) / (1 - naive))
