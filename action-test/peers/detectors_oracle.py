"""Answers on standard output where river's detectors alarm on the streams given on standard input (both JSON)."""

import json
import random
import sys

from river import drift
from scipy import stats


def alarms(detector, stream):
    drifts, warnings, before = [], [], False
    for index, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            drifts.append(index)
        warns = getattr(detector, "warning_detected", False)
        if warns and not before:
            warnings.append(index)
        before = warns
    return {"drifts": drifts, "warnings": warnings}


class Recorded(random.Random):
    """Keeps what was drawn, so that the same values can be compared elsewhere."""

    drawn = []

    def sample(self, population, k):
        found = super().sample(population, k)
        Recorded.drawn.append(found)
        return found


def kswin(case):
    Recorded.drawn = []
    drift.kswin.random.Random = Recorded
    found = alarms(drift.KSWIN(seed=case["seed"]), case["stream"])
    return {**found, "drawn": Recorded.drawn}


def tail(case):
    size = case["size"]
    first, second = range(size), range(case["steps"], size + case["steps"])
    return {"p": stats.ks_2samp(first, second, method="exact").pvalue}


answers = {
    "adwin": lambda case: alarms(drift.ADWIN(**case.get("options", {})), case["stream"]),
    "page_hinkley": lambda case: alarms(drift.PageHinkley(), case["stream"]),
    "ddm": lambda case: alarms(drift.binary.DDM(), case["stream"]),
    "kswin": kswin,
    "tail": tail,
}
json.dump([answers[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
