"""What scikit-learn says of classes and labels, in the catalogue's names: two classes, several, one of several, labels."""

import functools
import math

import numpy as np
import sklearn.externals.array_api_compat.common._aliases as aliases
import sklearn.utils.validation as validation
from sklearn import metrics as m

# Whether an array might be a data frame of some library takes scikit-learn a third of a small call.
might_be_frame = validation._nw_into_df_or_series
validation._nw_into_df_or_series = lambda values: not isinstance(values, np.ndarray) and might_be_frame(values)
# As the signature of numpy.unique, which it reads at each call, takes a tenth.
aliases._unique_kwargs = functools.cache(aliases._unique_kwargs)

CORRELATIONS = {"matthews_corrcoef": m.matthews_corrcoef, "cohen_kappa": m.cohen_kappa_score}
COMMON = {"accuracy": m.accuracy_score, "zero_one_loss": m.zero_one_loss, "balanced_accuracy": m.balanced_accuracy_score}


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


def calibration_error(truth, score, weight):
    """By its definition; the bins are those of calibration_curve."""
    weight = np.ones(len(score)) if weight is None else weight
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], score)
    gaps = np.bincount(bins, weights=weight * (score - truth), minlength=10)
    return np.abs(gaps).sum() / weight.sum()


def of_scores(truth, score, weight):
    given = {"sample_weight": weight}
    return {
        "roc_auc": number(lambda: m.roc_auc_score(truth, score, **given)),
        "average_precision": number(lambda: m.average_precision_score(truth, score, **given)),
        "log_loss": number(lambda: m.log_loss(truth, score, labels=[0, 1], **given)),
        "brier_score_loss": number(lambda: m.brier_score_loss(truth, score, labels=[0, 1], **given)),
        "expected_calibration_error": number(lambda: calibration_error(truth, score, weight)),
    }


def of_labels(truth, predicted, weight):
    """Metrics of two classes; precision, recall and what is 1 less one of them by one call, for its time."""
    given = {"sample_weight": weight}
    values = {name: number(lambda: f(truth, predicted, **given)) for name, f in (COMMON | CORRELATIONS).items()}
    try:
        precision, recall, f1, _ = m.precision_recall_fscore_support(
            truth, predicted, labels=[0, 1], average=None, zero_division=np.nan, **given
        )
    except ValueError:
        precision, recall, f1 = np.full((3, 2), math.nan)
    rates = {
        "precision": precision[1],
        "recall": recall[1],
        "f1": f1[1],
        "true_negative_rate": recall[0],
        "false_positive_rate": 1 - recall[0],
        "false_negative_rate": 1 - recall[1],
        "negative_predictive_value": precision[0],
        "false_discovery_rate": 1 - precision[1],
        "false_omission_rate": 1 - precision[0],
    }
    values["jaccard"] = number(lambda: m.jaccard_score(truth, predicted, **given))
    return values | {name: number(lambda: rate) for name, rate in rates.items()}


def two_classes(truth, predicted, score, weight):
    return of_labels(truth, predicted, weight) | of_scores(truth, score, weight)


def binary(case):
    return two_classes(labels(case["truth"]), labels(case["predicted"]), floats(case["score"]), weights(case))


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
        classes = np.arange(scores.shape[1])
        return m.roc_auc_score(truth, scores, multi_class=kind, average=average, labels=classes, sample_weight=weight)
    if kind == "ovo" and weight is not None:
        return math.nan
    areas = [m.roc_auc_score(truth == label, scores[:, label], sample_weight=weight) for label in (0, 1)]
    shares = [np.average(truth == label, weights=weight) for label in (0, 1)]
    return np.average(areas, weights=shares if kind == "ovr" and average == "weighted" else None)


def multiclass(case):
    truth, predicted, weight = labels(case["truth"]), labels(case["predicted"]), weights(case)
    scores = np.array([floats(column) for column in case["classScores"]]).T
    classes = np.arange(scores.shape[1])
    given = {"sample_weight": weight}
    values = {name: number(lambda: f(truth, predicted, **given)) for name, f in (COMMON | CORRELATIONS).items()}
    for average in ("macro", "micro", "weighted"):
        values |= ratios(truth, predicted, weight, average)
    for kind in ("ovr", "ovo"):
        for average, suffix in (("macro", ""), ("weighted", "_weighted")):
            values[f"roc_auc_{kind}{suffix}"] = number(lambda: several_areas(truth, scores, kind, average, weight))
    given["labels"] = classes
    values["log_loss"] = number(lambda: m.log_loss(truth, scores, **given))
    values["brier_score_loss"] = number(lambda: m.brier_score_loss(truth, scores, **given))
    if "k" in case:
        values["top_k_accuracy"] = number(lambda: m.top_k_accuracy_score(truth, scores, k=case["k"], **given))
    return values


def of_each_class(case):
    """Of the first classes the metrics of two classes: ratios by average=None, the rest of the class's own column."""
    truth, predicted, weight = labels(case["truth"]), labels(case["predicted"]), weights(case)
    own = per_class_ratios(truth, predicted, weight, np.arange(len(case["classScores"])))
    values = {}
    for index, column in enumerate(case["classScores"][: case["first"]]):
        given = labels(np.where(np.isnan(predicted), math.nan, predicted == index))
        found = two_classes((truth == index).astype(int), given, floats(column), weight)
        values |= named(found | {name: number(lambda: of[index]) for name, of in own.items()}, index)
    return values


def of_each_label(case):
    """Of the first labels the metrics of two classes: ratios by average=None, the rest of the label's own column."""
    truth, predicted, scores = columns_of(case)
    weight = weights(case)
    own = per_class_ratios(truth, predicted, weight, None)
    values = {}
    for index in range(min(truth.shape[1], case["first"])):
        found = two_classes(truth[:, index], labels(predicted[:, index]), scores[:, index], weight)
        values |= named(found | {name: number(lambda: of[index]) for name, of in own.items()}, index)
    return values


def named(values, index):
    return {f"{name} of class {index}": value for name, value in values.items()}


def per_class_ratios(truth, predicted, weight, classes):
    """Empty where the function refuses the whole table, as it does for one prediction that is missing."""
    given = {"average": None, "labels": classes, "sample_weight": weight}
    try:
        precision, recall, f1, _ = m.precision_recall_fscore_support(truth, predicted, zero_division=np.nan, **given)
        return {"precision": precision, "recall": recall, "f1": f1, "jaccard": m.jaccard_score(truth, predicted, **given)}
    except (ValueError, IndexError):
        return {}


def columns_of(case):
    """Truth, predictions and scores of the labels, one column each."""
    truth, predicted = (np.array([labels(label[of]) for label in case["labels"]]).T for of in ("truth", "predicted"))
    return truth, predicted, np.array([floats(label["score"]) for label in case["labels"]]).T


def multilabel(case):
    truth, predicted, scores = columns_of(case)
    weight = weights(case)
    values = {
        "accuracy": number(lambda: m.accuracy_score(truth, predicted, sample_weight=weight)),
        "hamming_loss": number(lambda: m.hamming_loss(truth, predicted, sample_weight=weight)),
    }
    for average in ("macro", "micro", "weighted", "samples"):
        values |= ratios(truth, predicted, weight, average)
    for average in ("macro", "micro", "weighted"):
        for name, f in (("roc_auc", m.roc_auc_score), ("average_precision", m.average_precision_score)):
            values[f"{name}_{average}"] = number(lambda: f(truth, scores, average=average, sample_weight=weight))
    return values
