"""Answers on standard output what scikit-learn, trec_eval, utilsforecast and scipy say about the cases given on standard input (both JSON)."""

import json
import multiprocessing
import sys
import warnings

import numpy as np
import sklearn
from class_metrics import binary, floats, labels, multiclass, multilabel, of_each_class, of_each_label, weights
from number_metrics import forecasting, regression, scores
from query_metrics import ranking
from scipy import stats
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
sklearn.set_config(skip_parameter_validation=True)


def curves(case):
    truth, score = labels(case["truth"]), floats(case["score"])
    positives, mean = calibration_curve(truth, score, n_bins=10)
    weight = weights(case)
    precision, recall = ([], []) if weight is not None and not weight.any() else m.precision_recall_curve(
        truth, score, sample_weight=weight)[:2]
    return {
        "calibration": np.column_stack([mean, positives]).tolist(),
        "precisionRecall": np.column_stack([recall, precision])[::-1].tolist(),
    }


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


def skewness(case):
    return {"value": float(stats.skew(case["values"]))}


def adjusted(case):
    return {"adjusted": stats.false_discovery_control(case["pValues"]).tolist()}


FUNCTIONS = (binary, regression, multiclass, multilabel, of_each_class, of_each_label, ranking, forecasting, scores, curves)
FUNCTIONS += (distribution, exact_mcnemar, wilson, paired_mean, skewness, adjusted)
KINDS = {f.__name__: f for f in FUNCTIONS}


def answer(case):
    return KINDS[case["kind"]](case)


if __name__ == "__main__":
    # scikit-learn takes a millisecond for a number: every processor helps.
    with multiprocessing.Pool() as pool:
        json.dump(pool.map(answer, json.load(sys.stdin)), sys.stdout)
