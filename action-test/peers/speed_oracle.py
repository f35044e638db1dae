"""numpy, scipy and scikit-learn on the cases that speed-scipy.test.ts draws: JSON in, JSON out."""

import json
import sys

import numpy as np
from scipy import stats
from sklearn.metrics import ndcg_score


def finite(value):
    return None if value is None or not np.isfinite(value) else float(value)


def quantile(case):
    values, share = np.array(case["values"]), case["share"]
    answer = {"percentile": float(np.percentile(values, 100 * share))}
    for name, alternative in (("atMost", "greater"), ("atLeast", "less")):
        answer[name] = float(
            stats.quantile_test(values, q=case["limit"], p=share, alternative=alternative).pvalue
        )
    interval = stats.quantile_test(values, p=share).confidence_interval(1 - 2 * case["alpha"])
    answer["interval"] = [finite(interval.low), finite(interval.high)]
    return answer


def mean(case):
    interval = stats.ttest_1samp(case["values"], 0).confidence_interval(1 - 2 * case["alpha"])
    return {"interval": [float(interval.low), float(interval.high)]}


def share(case):
    """Newcombe's (1998) method 10 from scipy's Wilson intervals."""
    (x1, n1), (x2, n2) = case["counts"]
    level = 1 - 2 * case["alpha"]
    first = stats.binomtest(x1, n1).proportion_ci(level, method="wilson")
    second = stats.binomtest(x2, n2).proportion_ci(level, method="wilson")
    p1, p2 = x1 / n1, x2 / n2
    low = p1 - p2 - np.hypot(p1 - first.low, second.high - p2)
    high = p1 - p2 + np.hypot(first.high - p1, p2 - second.low)
    return {"interval": [float(low), float(high)]}


def ndcg(case):
    return {"ndcg": float(ndcg_score([case["champion"]], [case["challenger"]]))}


KINDS = {"quantile": quantile, "mean": mean, "share": share, "ndcg": ndcg}

json.dump([KINDS[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
