"""Answers on standard output what scikit-learn, trec_eval, utilsforecast and scipy say about the cases given on standard input (both JSON)."""

import json
import math
import sys
import warnings

import numpy as np
import pandas as pd
import pytrec_eval
import sklearn
from scipy import stats
from sklearn import metrics as m
from sklearn.calibration import calibration_curve
from utilsforecast import losses

warnings.simplefilter("ignore")
sklearn.set_config(skip_parameter_validation=True)


def rate(truth, predicted, weight, label, wrong):
    value = m.recall_score(truth, predicted, pos_label=label, sample_weight=weight, zero_division=np.nan)
    return 1 - value if wrong else value


def trust(truth, predicted, weight, label, wrong):
    value = m.precision_score(truth, predicted, pos_label=label, sample_weight=weight, zero_division=np.nan)
    return 1 - value if wrong else value


def calibration_error(truth, score, weight):
    """By its definition; the bins are those of calibration_curve."""
    weight = np.ones(len(score)) if weight is None else weight
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], score)
    gaps = np.bincount(bins, weights=weight * (score - truth), minlength=10)
    return np.abs(gaps).sum() / weight.sum()


BINARY_LABELS = {
    "accuracy": lambda y, p, w: m.accuracy_score(y, p, sample_weight=w),
    "zero_one_loss": lambda y, p, w: m.zero_one_loss(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, w: m.balanced_accuracy_score(y, p, sample_weight=w),
    "precision": lambda y, p, w: m.precision_score(y, p, sample_weight=w, zero_division=np.nan),
    "recall": lambda y, p, w: rate(y, p, w, 1, False),
    "f1": lambda y, p, w: m.f1_score(y, p, sample_weight=w, zero_division=np.nan),
    "jaccard": lambda y, p, w: m.jaccard_score(y, p, sample_weight=w),
    "matthews_corrcoef": lambda y, p, w: m.matthews_corrcoef(y, p, sample_weight=w),
    "cohen_kappa": lambda y, p, w: m.cohen_kappa_score(y, p, sample_weight=w),
    "true_negative_rate": lambda y, p, w: rate(y, p, w, 0, False),
    "false_positive_rate": lambda y, p, w: rate(y, p, w, 0, True),
    "false_negative_rate": lambda y, p, w: rate(y, p, w, 1, True),
    "negative_predictive_value": lambda y, p, w: trust(y, p, w, 0, False),
    "false_discovery_rate": lambda y, p, w: trust(y, p, w, 1, True),
    "false_omission_rate": lambda y, p, w: trust(y, p, w, 0, True),
}
BINARY_SCORES = {
    "roc_auc": lambda y, s, w: m.roc_auc_score(y, s, sample_weight=w),
    "average_precision": lambda y, s, w: m.average_precision_score(y, s, sample_weight=w),
    "log_loss": lambda y, s, w: m.log_loss(y, s, sample_weight=w, labels=[0, 1]),
    "brier_score_loss": lambda y, s, w: m.brier_score_loss(y, s, sample_weight=w, labels=[0, 1]),
    "expected_calibration_error": calibration_error,
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


def floats(values):
    """An array; what cannot be written as a number in JSON comes as null."""
    return np.array([math.nan if value is None else value for value in values], dtype=float)


def labels(values):
    """Whole numbers, unless one is missing."""
    array = floats(values)
    return array if np.isnan(array).any() else array.astype(int)


def weights(case):
    return None if case["weight"] is None else floats(case["weight"])


def number(compute):
    """The value, or None where the oracle refuses or has no number."""
    try:
        value = float(compute())
    except (ValueError, IndexError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def two_classes(truth, predicted, score, weight, suffix=""):
    values = {name + suffix: number(lambda: f(truth, predicted, weight)) for name, f in BINARY_LABELS.items()}
    return values | {name + suffix: number(lambda: f(truth, score, weight)) for name, f in BINARY_SCORES.items()}


def binary(case):
    return two_classes(labels(case["truth"]), labels(case["predicted"]), floats(case["score"]), weights(case))


def regression(case):
    truth, predicted, weight = floats(case["truth"]), floats(case["predicted"]), weights(case)
    return {name: number(lambda: f(truth, predicted, sample_weight=weight)) for name, f in REGRESSION.items()}


def ratios(truth, predicted, weight, average):
    given = {"average": average, "sample_weight": weight, "zero_division": 0}
    try:
        together = m.precision_recall_fscore_support(truth, predicted, **given)
    except (ValueError, IndexError):
        together = (math.nan, math.nan, math.nan)
    values = {f"{name}_{average}": number(lambda: together[at]) for at, name in enumerate(("precision", "recall", "f1"))}
    return values | {f"jaccard_{average}": number(lambda: m.jaccard_score(truth, predicted, **given))}


def several_areas(truth, scores, kind, average, weight):
    """Of two columns of scores the function knows no average: it is the mean of both areas."""
    if scores.shape[1] > 2:
        return m.roc_auc_score(truth, scores, multi_class=kind, average=average, labels=np.arange(scores.shape[1]), sample_weight=weight)
    if kind == "ovo" and weight is not None:
        return math.nan
    areas = [m.roc_auc_score(truth == label, scores[:, label], sample_weight=weight) for label in (0, 1)]
    shares = [np.average(truth == label, weights=weight) for label in (0, 1)]
    return np.average(areas, weights=shares if kind == "ovr" and average == "weighted" else None)


def multiclass(case):
    truth, predicted, weight = labels(case["truth"]), labels(case["predicted"]), weights(case)
    scores = np.array([floats(column) for column in case["classScores"]]).T
    classes = np.arange(scores.shape[1])
    values = {name: number(lambda: BINARY_LABELS[name](truth, predicted, weight))
              for name in ("accuracy", "zero_one_loss", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa")}
    for average in ("macro", "micro", "weighted"):
        values |= ratios(truth, predicted, weight, average)
    for kind in ("ovr", "ovo"):
        for average, suffix in (("macro", ""), ("weighted", "_weighted")):
            values[f"roc_auc_{kind}{suffix}"] = number(lambda: several_areas(truth, scores, kind, average, weight))
    given = {"labels": classes, "sample_weight": weight}
    values["top_k_accuracy"] = number(lambda: m.top_k_accuracy_score(truth, scores, k=case["k"], **given))
    values["log_loss"] = number(lambda: m.log_loss(truth, scores, **given))
    values["brier_score_loss"] = number(lambda: m.brier_score_loss(truth, scores, **given))
    if not case["ofFirstClass"]:
        return values
    first = np.where(np.isnan(predicted), math.nan, predicted == 0)
    return values | two_classes((truth == 0).astype(int), labels(first), scores[:, 0], weight, " of class 0")


def multilabel(case):
    truth, predicted = (np.array([labels(label[which]) for label in case["labels"]]).T for which in ("truth", "predicted"))
    scores, weight = np.array([floats(label["score"]) for label in case["labels"]]).T, weights(case)
    values = {
        "accuracy": number(lambda: m.accuracy_score(truth, predicted, sample_weight=weight)),
        "hamming_loss": number(lambda: m.hamming_loss(truth, predicted, sample_weight=weight)),
    }
    for average in ("macro", "micro", "weighted", "samples"):
        values |= ratios(truth, predicted, weight, average)
    for average in ("macro", "micro", "weighted"):
        for name, f in (("roc_auc", m.roc_auc_score), ("average_precision", m.average_precision_score)):
            values[f"{name}_{average}"] = number(lambda: f(truth, scores, average=average, sample_weight=weight))
    if not case["ofFirstClass"]:
        return values
    first = case["labels"][0]
    return values | two_classes(labels(first["truth"]), labels(first["predicted"]), floats(first["score"]), weight, " of class 0")


def ranking(case):
    """NDCG by scikit-learn. The rest by trec_eval, which breaks ties by the name of the document: only without ties."""
    k, queries = case["k"], {}
    for row, query in enumerate(case["groups"]):
        queries.setdefault(str(query), []).append(row)
    truth, score = np.array(case["truth"]), np.array(case["score"], dtype=float)
    # A query of one row is nothing to rank for scikit-learn; its best order is its only one.
    gains = [m.ndcg_score([truth[rows]], [score[rows]], k=k) if len(rows) > 1 else float(truth[rows[0]] > 0)
             for rows in queries.values()]
    values = {"ndcg": float(np.mean(gains))}
    if len(set(case["score"])) < len(case["score"]):
        return values
    relevance = {query: {f"d{row}": int(truth[row]) for row in rows} for query, rows in queries.items()}
    run = {query: {f"d{row}": float(score[row]) for row in rows} for query, rows in queries.items()}
    found = pytrec_eval.RelevanceEvaluator(relevance, {"recip_rank", f"map_cut.{k}", f"recall.{k}", f"P.{k}"}).evaluate(run)
    mean = lambda of: float(np.mean([of(found[query]) for query in queries]))
    return values | {
        "mrr": mean(lambda one: one["recip_rank"] if one["recip_rank"] * k > 1 - 1e-9 else 0.0),
        "map": mean(lambda one: one[f"map_cut_{k}"]),
        "recall": mean(lambda one: one[f"recall_{k}"]),
        "precision": mean(lambda one: one[f"P_{k}"]),
    }


def forecasting(case):
    """utilsforecast knows no weights: with weights by the definition."""
    truth, predicted, weight = floats(case["truth"]), floats(case["predicted"]), weights(case)
    error, size = np.abs(truth - predicted), np.abs(truth) + np.abs(predicted)
    scale = np.array([np.abs(np.diff(series)).mean() for series in case["training"]])[case["groups"]] if len(truth) else truth
    with np.errstate(all="ignore"):
        values = {
            "smape": number(lambda: np.average(np.where(size == 0, 0, 2 * error / size), weights=weight)),
            "mase": number(lambda: np.average(error / scale, weights=weight)),
            "wape": number(lambda: np.average(error, weights=weight) / np.average(np.abs(truth), weights=weight)),
            "mean_pinball_loss": number(lambda: m.mean_pinball_loss(truth, predicted, sample_weight=weight, alpha=case["quantile"])),
        }
    if weight is None and len(truth) > 0 and np.isfinite(predicted).all():
        values |= by_utilsforecast(case, truth, predicted)
    return regression(case) | values


def by_utilsforecast(case, truth, predicted):
    """Its metrics are of one series; MASE over all rows is the mean of the series' by their rows."""
    series = np.array(case["groups"])
    frame = pd.DataFrame({"unique_id": series, "ds": np.arange(len(series)) + 1000, "y": truth, "model": predicted})
    history = pd.concat([pd.DataFrame({"unique_id": at, "ds": np.arange(len(values)), "y": np.array(values, dtype=float)})
                         for at, values in enumerate(case["training"])])
    together = frame.assign(unique_id=0)
    rows = np.bincount(series, minlength=len(case["training"]))
    scaled = losses.mase(frame, ["model"], seasonality=1, train_df=history).set_index("unique_id")["model"]
    return {
        "smape": number(lambda: 2 * losses.smape(together, ["model"])["model"].iloc[0]),
        "wape": number(lambda: losses.wape(together, ["model"])["model"].iloc[0]),
        "mase": number(lambda: np.average(scaled, weights=rows[scaled.index])),
    }


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


def adjusted(case):
    return {"adjusted": stats.false_discovery_control(case["pValues"]).tolist()}


FUNCTIONS = (binary, regression, multiclass, multilabel, ranking, forecasting, curves)
FUNCTIONS += (distribution, exact_mcnemar, wilson, paired_mean, adjusted)
KINDS = {f.__name__: f for f in FUNCTIONS}
json.dump([KINDS[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
