"""Answers on standard output what performance scikit-learn's parts estimate for the cases given on standard input (both JSON).

Classifiers (CBPE): isotonic calibration of each score on the reference, every row once per class weighted by its
calibrated probability, the metric of these rows, less what it is too high by on the reference itself.
Regressors (DLE): boosted trees of the loss, each row of the reference predicted by the model without its fold.
"""

import json
import os
import sys

# Threads that wait for each other take ten times as long on a busy machine.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from class_metrics import multiclass, two_classes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.isotonic import IsotonicRegression

FOLDS = 5


def calibrations(scores, labels, weights):
    columns = scores if scores.shape[1] > 1 else scores[:, 0:1]
    fits = []
    for index in range(columns.shape[1]):
        is_one = labels if columns.shape[1] == 1 else labels == index
        fits.append(IsotonicRegression(out_of_bounds="clip").fit(columns[:, index], is_one, sample_weight=weights))
    return fits


def probabilities(fits, scores):
    found = np.column_stack([fit.predict(scores[:, index]) for index, fit in enumerate(fits)])
    if found.shape[1] == 1:
        return np.column_stack([1 - found[:, 0], found[:, 0]])
    sums = found.sum(axis=1, keepdims=True)
    return np.where(sums > 0, found / np.where(sums > 0, sums, 1), 1 / found.shape[1])


def values(labels, scores, weights):
    """Every metric by its name; None where scikit-learn has no number."""
    if scores.shape[1] == 1:
        return two_classes(labels, (scores[:, 0] >= 0.5).astype(int), scores[:, 0], weights)
    given = {"truth": labels, "predicted": scores.argmax(axis=1), "weight": weights, "classScores": scores.T}
    return multiclass(given)


def expected(fits, scores, weights):
    shares = probabilities(fits, scores)
    count, classes = shares.shape
    labels = np.repeat(np.arange(classes), count)
    repeated = np.tile(scores, (classes, 1))
    return values(labels, repeated, shares.T.ravel() * np.tile(weights, classes))


def classifier(case):
    scores, labels = np.array(case["scores"], float).T, np.array(case["labels"])
    weights = np.array(case.get("weights") or np.ones(len(labels)), float)
    at = np.array(case["at"], float).T
    at_weights = np.array(case.get("atWeights") or np.ones(len(at)), float)
    fits = calibrations(scores, labels, weights)
    estimated, on_itself, realised = expected(fits, at, at_weights), expected(fits, scores, weights), values(labels, scores, weights)
    return {
        name: None if None in (value, on_itself[name], realised[name]) else value - (on_itself[name] - realised[name])
        for name, value in estimated.items()
    }


def regressor(case):
    columns = np.array(case["columns"], float).T
    at = np.array(case["at"], float).T
    error = np.array(case["labels"]) - columns[:, 0]
    answers = {}
    for name, loss in (("mean_absolute_error", np.abs(error)), ("mean_squared_error", error**2)):
        fold = np.arange(len(error)) % FOLDS
        unseen, found = np.zeros(len(error)), np.zeros(len(at))
        for own in range(FOLDS):
            model = HistGradientBoostingRegressor(
                max_iter=60, learning_rate=0.1, max_leaf_nodes=15, min_samples_leaf=20, early_stopping=False
            ).fit(columns[fold != own], loss[fold != own])
            unseen[fold == own] = np.maximum(0, model.predict(columns[fold == own]))
            found += np.maximum(0, model.predict(at)) / FOLDS
        answers[name] = found.mean() - (unseen - loss).mean()
    return {**answers, "root_mean_squared_error": float(np.sqrt(answers["mean_squared_error"]))}


json.dump(
    [(classifier if case["kind"] == "classifier" else regressor)(case) for case in json.load(sys.stdin)], sys.stdout
)
