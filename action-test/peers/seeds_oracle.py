"""Reads pairs of samples as JSON and answers with what scipy says of the difference of their means."""

import json
import sys

from scipy.stats import ttest_1samp, ttest_ind


def answer(case):
    welch = ttest_ind(case["challengers"], case["champions"], equal_var=False)
    low, high = welch.confidence_interval(case["confidence"])
    shifted = [value - case["limit"] for value in case["challengers"]]
    worse = ttest_ind(shifted, case["champions"], equal_var=False, alternative="less")
    own_low, own_high = ttest_1samp(case["challengers"], 0).confidence_interval(case["confidence"])
    return {
        "low": float(low),
        "high": float(high),
        "degrees": float(welch.df),
        "p_worse": float(worse.pvalue),
        "own_low": float(own_low),
        "own_high": float(own_high),
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
