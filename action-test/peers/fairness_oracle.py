"""Answers on standard output what fairlearn, and scipy, say about the cases given on standard input (both JSON)."""

import json
import math
import multiprocessing
import sys
import warnings

import fairlearn.metrics as f
import fairlearn.metrics._fairness_metrics as fairness_functions
import numpy as np
import pandas as pd
import sklearn
import sklearn.metrics as m
from scipy import stats

warnings.simplefilter("ignore")
# Thousands of small calls, of which checking the arguments is the larger part.
sklearn.set_config(assume_finite=True, skip_parameter_validation=True)

COMPOSED = {
    name: getattr(f, name)
    for stem in ("demographic_parity", "equalized_odds", "equal_opportunity")
    for name in (f"{stem}_difference", f"{stem}_ratio")
}


def share_of_predicted(predicted_label, true_label):
    """Of the rows with this predicted label the share with this true label, by scikit-learn's confusion matrix."""

    def share(truth, predicted, sample_weight):
        counts = m.confusion_matrix(truth, predicted, labels=[0, 1], sample_weight=sample_weight)[:, predicted_label]
        return counts[true_label] / counts.sum() if counts.sum() > 0 else math.nan

    return share


# By our name: the function, and the column of predictions that it reads.
BINARY = {
    "accuracy": (m.accuracy_score, "predicted"),
    "zero_one_loss": (m.zero_one_loss, "predicted"),
    "balanced_accuracy": (m.balanced_accuracy_score, "predicted"),
    "precision": (m.precision_score, "predicted"),
    "recall": (f.true_positive_rate, "predicted"),
    "f1": (m.f1_score, "predicted"),
    "jaccard": (m.jaccard_score, "predicted"),
    "matthews_corrcoef": (m.matthews_corrcoef, "predicted"),
    "cohen_kappa": (m.cohen_kappa_score, "predicted"),
    "true_negative_rate": (f.true_negative_rate, "predicted"),
    "false_positive_rate": (f.false_positive_rate, "predicted"),
    "false_negative_rate": (f.false_negative_rate, "predicted"),
    "selection_rate": (f.selection_rate, "predicted"),
    "negative_predictive_value": (share_of_predicted(0, 0), "predicted"),
    "false_discovery_rate": (share_of_predicted(1, 0), "predicted"),
    "false_omission_rate": (share_of_predicted(0, 1), "predicted"),
    "roc_auc": (m.roc_auc_score, "score"),
    "average_precision": (m.average_precision_score, "score"),
    "log_loss": (lambda y, p, sample_weight: m.log_loss(y, p, sample_weight=sample_weight, labels=[0, 1]), "score"),
    "brier_score_loss": (
        lambda y, p, sample_weight: m.brier_score_loss(y, p, sample_weight=sample_weight, labels=[0, 1]),
        "score",
    ),
}
REGRESSION = {
    "r2": m.r2_score,
    "explained_variance": m.explained_variance_score,
    "max_error": lambda y, p, sample_weight: m.max_error(y, p),
    "mean_prediction": f.mean_prediction,
} | {
    name: getattr(m, name)
    for name in (
        "mean_absolute_error",
        "mean_squared_error",
        "root_mean_squared_error",
        "mean_squared_log_error",
        "root_mean_squared_log_error",
        "median_absolute_error",
        "mean_absolute_percentage_error",
        "mean_poisson_deviance",
        "mean_gamma_deviance",
    )
}
MULTICLASS = {
    "accuracy": m.accuracy_score,
    "zero_one_loss": m.zero_one_loss,
    "f1_micro": lambda y, p, sample_weight: m.f1_score(y, p, sample_weight=sample_weight, average="micro"),
    "recall_weighted": lambda y, p, sample_weight: m.recall_score(y, p, sample_weight=sample_weight, average="weighted"),
}
TASKS = {
    "binary": BINARY,
    "regression": {name: (function, "predicted") for name, function in REGRESSION.items()},
    "multiclass": {name: (function, "predicted") for name, function in MULTICLASS.items()},
}

# fairlearn makes the same frame anew for a difference and for a ratio, and a frame takes a tenth of a second.
frames = {}


def frame_of(metrics, **given):
    key = tuple(metrics) if isinstance(metrics, dict) else metrics.__name__
    if key not in frames:
        frames[key] = f.MetricFrame(metrics=metrics, **given)
    return frames[key]


fairness_functions.MetricFrame = frame_of


def or_nan(function):
    """fairlearn stops at the first group that scikit-learn refuses; its answer is no number then."""

    def guarded(truth, predicted, sample_weight=None):
        try:
            return function(truth, predicted, sample_weight=sample_weight)
        except ValueError:
            return math.nan

    return guarded


def fairness(case):
    truth = np.array(case["truth"])
    weight = np.array(case["weight"] or [1.0] * len(truth))
    sensitive = pd.DataFrame({f"feature {index}": column for index, column in enumerate(case["groups"])})
    method, agg = case["method"], case["agg"]
    answers = {}
    for column in ("predicted", "score"):
        functions = {name: or_nan(function) for name, (function, reads) in TASKS[case["task"]].items() if reads == column}
        if not functions:
            continue
        frame = f.MetricFrame(
            metrics=functions,
            y_true=truth,
            y_pred=np.array(case[column]),
            sensitive_features=sensitive,
            sample_params={name: {"sample_weight": weight} for name in functions},
        )
        shapes = {
            "difference": frame.difference(method=method),
            "ratio": frame.ratio(method=method),
            "group_min": frame.group_min(),
            "group_max": frame.group_max(),
        }
        for shape, values in shapes.items():
            answers |= {f"{name}_{shape}": finite(values[name]) for name in functions}
    if case["task"] == "binary":
        frames.clear()
        for name, function in COMPOSED.items():
            options = {"agg": agg} if name.startswith("equalized_odds") else {}
            given = {"sensitive_features": sensitive, "sample_weight": weight, "method": method}
            try:
                answers[name] = finite(function(truth, np.array(case["predicted"]), **given, **options))
            except ValueError:
                answers[name] = None
    return answers


def finite(value):
    return float(value) if math.isfinite(value) else None


def hypergeometric(case):
    return {"value": float(stats.hypergeom.sf(case["k"] - 1, case["total"], case["marked"], case["drawn"]))}


def welch(case):
    test = stats.ttest_ind(case["first"], case["second"], equal_var=False, alternative="greater")
    interval = stats.ttest_ind(case["first"], case["second"], equal_var=False).confidence_interval(case["confidence"])
    return {"pValue": float(test.pvalue), "degrees": float(test.df), "low": float(interval.low), "high": float(interval.high)}


KINDS = {one.__name__: one for one in (fairness, hypergeometric, welch)}


def answer(case):
    return KINDS[case["kind"]](case)


if __name__ == "__main__":
    # Most of the time goes into the frames' pandas: every processor helps.
    with multiprocessing.Pool() as pool:
        json.dump(pool.map(answer, json.load(sys.stdin)), sys.stdout)
