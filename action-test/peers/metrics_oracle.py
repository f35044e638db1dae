"""Answers on standard output what scikit-learn and scipy say about the cases given on standard input (both JSON)."""

import json
import math
import sys
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics as m

warnings.simplefilter("ignore")


def rate(truth, predicted, weight, label, wrong):
    value = m.recall_score(truth, predicted, pos_label=label, sample_weight=weight, zero_division=np.nan)
    return 1 - value if wrong else value


BINARY_LABELS = {
    "accuracy": lambda y, p, w: m.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, w: m.balanced_accuracy_score(y, p, sample_weight=w),
    "precision": lambda y, p, w: m.precision_score(y, p, sample_weight=w, zero_division=np.nan),
    "recall": lambda y, p, w: rate(y, p, w, 1, False),
    "f1": lambda y, p, w: m.f1_score(y, p, sample_weight=w, zero_division=np.nan),
    "jaccard": lambda y, p, w: m.jaccard_score(y, p, sample_weight=w),
    "matthews_corrcoef": lambda y, p, w: m.matthews_corrcoef(y, p, sample_weight=w),
    "true_negative_rate": lambda y, p, w: rate(y, p, w, 0, False),
    "false_positive_rate": lambda y, p, w: rate(y, p, w, 0, True),
    "false_negative_rate": lambda y, p, w: rate(y, p, w, 1, True),
}
BINARY_SCORES = {
    "roc_auc": lambda y, s, w: m.roc_auc_score(y, s, sample_weight=w),
    "average_precision": lambda y, s, w: m.average_precision_score(y, s, sample_weight=w),
    "log_loss": lambda y, s, w: m.log_loss(y, s, sample_weight=w, labels=[0, 1]),
    "brier_score_loss": lambda y, s, w: m.brier_score_loss(y, s, sample_weight=w, labels=[0, 1]),
}
REGRESSION = {
    "r2": m.r2_score,
    "explained_variance": m.explained_variance_score,
    "max_error": lambda y, p, sample_weight: m.max_error(y, p),
    "mean_absolute_error": m.mean_absolute_error,
    "mean_squared_error": m.mean_squared_error,
    "root_mean_squared_error": m.root_mean_squared_error,
    "mean_squared_log_error": m.mean_squared_log_error,
    "root_mean_squared_log_error": m.root_mean_squared_log_error,
    "median_absolute_error": m.median_absolute_error,
    "mean_absolute_percentage_error": m.mean_absolute_percentage_error,
    "mean_poisson_deviance": m.mean_poisson_deviance,
    "mean_gamma_deviance": m.mean_gamma_deviance,
}


def number(compute):
    """The value, or None where the oracle refuses or has no number."""
    try:
        value = float(compute())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def binary(case):
    truth, weight = np.array(case["truth"]), case["weight"] and np.array(case["weight"])
    predicted, score = np.array(case["predicted"]), np.array(case["score"])
    values = {name: number(lambda: f(truth, predicted, weight)) for name, f in BINARY_LABELS.items()}
    values |= {name: number(lambda: f(truth, score, weight)) for name, f in BINARY_SCORES.items()}
    return values


def regression(case):
    truth, weight = np.array(case["truth"]), case["weight"] and np.array(case["weight"])
    predicted = np.array(case["predicted"])
    return {name: number(lambda: f(truth, predicted, sample_weight=weight)) for name, f in REGRESSION.items()}


def distribution(case):
    family, function = case["function"].split(".")
    return {"value": float(getattr(getattr(stats, family), function)(*case["arguments"]))}


def exact_mcnemar(case):
    return {"value": float(stats.binomtest(case["gained"], case["gained"] + case["lost"]).pvalue)}


def wilson(case):
    found = stats.binomtest(case["successes"], case["count"]).proportion_ci(case["confidence"], method="wilson")
    return {"low": float(found.low), "high": float(found.high)}


def paired_mean(case):
    first, second = np.array(case["first"]), np.array(case["second"])
    test = stats.ttest_rel(second, first)
    return {"standardError": float(stats.sem(second - first)), "mean": float(np.mean(second - first)), "t": float(test.statistic)}


def adjusted(case):
    return {"adjusted": stats.false_discovery_control(case["pValues"]).tolist()}


KINDS = {f.__name__: f for f in (binary, regression, distribution, exact_mcnemar, wilson, paired_mean, adjusted)}
json.dump([KINDS[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
