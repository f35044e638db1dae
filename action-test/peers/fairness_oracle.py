"""Answers on standard output what fairlearn, and scipy, say about the cases given on standard input (both JSON)."""

import json
import math
import multiprocessing
import sys
import warnings

import class_metrics
import fairlearn.metrics as f
import fairlearn.metrics._fairness_metrics as fairness_functions
import number_metrics
import numpy as np
import pandas as pd
import sklearn
from class_metrics import floats, labels, number, weights
from fairlearn.metrics._disaggregated_result import DisaggregatedResult
from scipy import stats

warnings.simplefilter("ignore")
# Thousands of small calls, of which checking the arguments is the larger part.
sklearn.set_config(skip_parameter_validation=True)

COMPOSED = {
    name: getattr(f, name)
    for stem in ("demographic_parity", "equalized_odds", "equal_opportunity")
    for name in (f"{stem}_difference", f"{stem}_ratio")
}
# Of the rows of one group the metrics of its task; those that fairlearn has itself, by itself.
TASKS = {
    "binary": class_metrics.binary,
    "multiclass": class_metrics.multiclass,
    "multilabel": class_metrics.multilabel,
    "regression": number_metrics.regression,
    "forecasting": number_metrics.by_definition,
}
RATES = {
    "recall": f.true_positive_rate,
    "true_negative_rate": f.true_negative_rate,
    "false_positive_rate": f.false_positive_rate,
    "false_negative_rate": f.false_negative_rate,
    "selection_rate": f.selection_rate,
}
OF_NUMBERS = {"mean_prediction": f.mean_prediction}
OWN = {"binary": RATES, "regression": OF_NUMBERS, "forecasting": OF_NUMBERS}

# fairlearn makes a frame anew for every name, which takes it a tenth of a second: one of all its rates serves them all.
ALL_RATES = {"tpr": f.true_positive_rate, "fpr": f.false_positive_rate, "selection_rate": f.selection_rate}
frames = []


class PartOfFrame:
    """Of the frame of all rates those that a name is of."""

    def __init__(self, metrics, sample_params, **given):
        self.chosen = list(metrics) if isinstance(metrics, dict) else {of: name for name, of in ALL_RATES.items()}[metrics]
        weight = sample_params if "sample_weight" in sample_params else sample_params["tpr"]
        if not frames:
            frames.append(f.MetricFrame(metrics=ALL_RATES, sample_params=dict.fromkeys(ALL_RATES, weight), **given))

    def difference(self, method):
        return frames[0].difference(method=method)[self.chosen]

    def ratio(self, method):
        return frames[0].ratio(method=method)[self.chosen]


fairness_functions.MetricFrame = PartOfFrame


def of_rows(case, rows):
    """The case with these rows alone."""

    def pick(values):
        return [values[row] for row in rows] if values else values

    return {
        "truth": pick(case["truth"]),
        "predicted": pick(case["predicted"]),
        "weight": pick(case["weight"]),
        "score": pick(case.get("score")),
        "classScores": [pick(column) for column in case.get("classScores") or []],
        "labels": [{of: pick(column) for of, column in label.items()} for label in case.get("labels") or []],
        "groups": pick(case.get("groups")),
        "training": case.get("training"),
        "quantile": case.get("quantile"),
    }


def values_of(case, task):
    """By metric what scikit-learn says, or fairlearn where it has a function of its own; and which have no number."""
    found = TASKS[task](case)
    read = labels if task == "binary" else floats
    truth, predicted, weight = read(case["truth"]), read(case["predicted"]), weights(case)
    own = {name: number(lambda: rate(truth, predicted, sample_weight=weight)) for name, rate in OWN.get(task, {}).items()}
    return found | own, {name for name, value in (own | found).items() if value is None}


def fairness(batch):
    """
    By case and name the number; under `without` the metrics that have none in some group, which fairlearn passes over.
    All cases are one frame, in which the case is a control feature, and a group's metrics are computed at once: a frame
    of its own for each, which calls each metric for itself, takes ten times as long.
    """
    task, cases = batch["task"], batch["cases"]
    by_group, overall, answers = {}, {}, []
    names = values_of(of_rows(cases[0], []), task)[0]
    for at, case in enumerate(cases):
        members = {}
        for row, key in enumerate(zip(*case["sensitive"])):
            members.setdefault(",".join(key), []).append(row)
        of_groups = {name: values_of(of_rows(case, rows), task) for name, rows in members.items()}
        # Groups are compared with all rows only where that is asked.
        all_rows = range(len(case["truth"])) if case["method"] == "to_overall" else []
        of_all = values_of(of_rows(case, all_rows), task) if all_rows else (dict.fromkeys(names), set())
        by_group |= {(at, name): values for name, (values, _) in of_groups.items()}
        overall[at] = of_all[0]
        without = set.union(of_all[1], *(missing for _, missing in of_groups.values()))
        answers.append({"without": sorted(without)} | (composed(case) if task == "binary" else {}))
    for method in {case["method"] for case in cases}:
        chosen = [at for at, case in enumerate(cases) if case["method"] == method]
        for at, values in shapes_of(by_group, overall, chosen, method).items():
            answers[at] |= values
    return answers


def shapes_of(by_group, overall, chosen, method):
    """By case and name what is made of the groups' numbers; of a case without rows nothing."""
    rows = {key: values for key, values in by_group.items() if key[0] in chosen}
    names = [f"{name}_{shape}" for name in overall[chosen[0]] for shape in ("difference", "ratio", "group_min", "group_max")]
    answers = {at: dict.fromkeys(names) for at in chosen}
    if not rows:
        return answers
    groups = pd.DataFrame(rows.values(), index=pd.MultiIndex.from_tuples(rows, names=["case", "group"]), dtype=float)
    present = groups.index.get_level_values("case").unique()
    all_rows = pd.DataFrame([overall[at] for at in present], index=pd.Index(present, name="case"), dtype=float)
    result = DisaggregatedResult(all_rows, groups)
    shapes = {
        "difference": result.difference(["case"], method=method),
        "ratio": result.ratio(["case"], method=method),
        "group_min": result.apply_grouping("min", ["case"]),
        "group_max": result.apply_grouping("max", ["case"]),
    }
    for shape, frame in shapes.items():
        for at, row in zip(frame.index, frame.to_dict("records")):
            answers[at] |= {f"{name}_{shape}": finite(value) for name, value in row.items()}
    return answers


def composed(case):
    sensitive = pd.DataFrame({f"feature {index}": column for index, column in enumerate(case["sensitive"])})
    truth, predicted, weight = labels(case["truth"]), labels(case["predicted"]), weights(case)
    given = {"sensitive_features": sensitive, "sample_weight": weight, "method": case["method"]}
    frames.clear()
    return {
        name: number(lambda: function(truth, predicted, **given, **({"agg": case["agg"]} if "odds" in name else {})))
        for name, function in COMPOSED.items()
    }


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
