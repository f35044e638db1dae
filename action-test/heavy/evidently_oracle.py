"""Prints as JSON evidently's scores of the pairs of columns on standard input."""
import contextlib
import json
import sys

import pandas as pd
from evidently.legacy.calculations import stattests
from evidently.legacy.core import ColumnType

TESTS = {
    "categorical": {"psi": stattests.psi_stat_test, "jensen_shannon_distance": stattests.jensenshannon_stat_test,
                    "hellinger": stattests.hellinger_stat_test},
    "numeric": {"wasserstein": stattests.wasserstein_stat_test},
}
TYPES = {"categorical": ColumnType.Categorical, "numeric": ColumnType.Numerical}


def answer(case):
    reference, data = pd.Series(case["reference"]), pd.Series(case["data"])
    kind = case["kind"]
    return {name: float(test(reference, data, TYPES[kind], 0.1).drift_score) for name, test in TESTS[kind].items()}


cases = json.load(sys.stdin)
with contextlib.redirect_stdout(sys.stderr):
    answers = [answer(case) for case in cases]
json.dump(answers, sys.stdout)
