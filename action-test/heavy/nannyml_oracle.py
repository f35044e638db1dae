"""Prints as JSON what NannyML says about the columns on standard input, of each chunk of the data."""
import contextlib
import json
import sys

import nannyml
import numpy as np
import pandas as pd

CLASSIFIER = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy"]
REGRESSOR = ["mae", "mse", "rmse"]


def frame(columns):
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})


def values_of(results, metrics):
    table = results.filter(period="analysis").to_df()
    return {metric: table[(metric, "value")].tolist() for metric in metrics}


def univariate(case):
    reference, data = frame(case["reference"]), frame(case["data"])
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(case["reference"]),
        continuous_methods=["kolmogorov_smirnov", "wasserstein", "jensen_shannon", "hellinger"],
        categorical_methods=["jensen_shannon", "l_infinity", "chi2", "hellinger"],
        chunk_size=case["chunk"],
    ).fit(reference)
    table = calculator.calculate(data).filter(period="analysis").to_df()
    columns = {}
    for column, method in {(name[0], name[1]) for name in table.columns if name[0] != "chunk"}:
        columns.setdefault(column, {})[method] = table[(column, method, "value")].tolist()
    # The bins by which it makes the continuous ones of Jensen-Shannon and Hellinger.
    edges = np.histogram_bin_edges(reference["x"].astype(float), bins="doane")
    return {"columns": columns, "edges": edges.tolist()}


def classifier(case):
    estimator = nannyml.CBPE(
        y_true="y", y_pred="predicted", y_pred_proba="score", problem_type="classification_binary",
        metrics=CLASSIFIER, chunk_size=case["chunk"],
    ).fit(frame(case["reference"]))
    return values_of(estimator.estimate(frame(case["data"])), CLASSIFIER)


def regressor(case):
    estimator = nannyml.DLE(
        feature_column_names=["x"], y_true="y", y_pred="predicted", metrics=REGRESSOR, chunk_size=case["chunk"]
    ).fit(frame(case["reference"]))
    return values_of(estimator.estimate(frame(case["data"])), REGRESSOR)


cases = json.load(sys.stdin)
with contextlib.redirect_stdout(sys.stderr):
    answers = [{"univariate": univariate, "classifier": classifier, "regressor": regressor}[one["kind"]](one) for one in cases]
json.dump(answers, sys.stdout)
