"""Reads samples of power from standard input and prints numpy's trapezoidal sums, in kilowatt hours."""
import json
import sys

import numpy

print(
    json.dumps(
        [
            float(numpy.trapezoid(numpy.sum(case["watts"], axis=0), case["seconds"]) / 3.6e6)
            for case in json.load(sys.stdin)
        ]
    )
)
