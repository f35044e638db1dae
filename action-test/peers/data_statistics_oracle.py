"""Statistics of columns and predictive power, by numpy, scipy, pandas and scikit-learn, for data-statistics.test.ts."""
import json
import sys

import numpy as np
import pandas as pd
from scipy import stats

from predictive_power import power


def finite(value):
    return float(value) if value is not None and np.isfinite(value) else None


def statistics(values):
    nulls = sum(value is None for value in values)
    given = [value for value in values if value is not None]
    given = [float(value) for value in given]
    x = pd.Series(given, dtype=float)
    x = x[np.isfinite(x)]
    counts = pd.Series(given, dtype=object).value_counts()
    # Squares of very large numbers are no numbers any more.
    scale = x.abs().max() if len(x) and x.abs().max() > 1e100 else 1.0
    # And far from 0 the mean itself has too few digits for the third power of what is left: moments are of differences.
    z = (x - (x.iloc[0] if scale == 1.0 and len(x) else 0.0)) / scale
    some, several = len(x) > 0, len(x) > 1
    constant = some and x.nunique() == 1
    out = {
        "mean": x.mean() if some else None,
        "median": np.median(x) if some else None,
        "standardDeviation": np.std(z, ddof=1) * scale if several else None,
        "sum": x.sum() if some else None,
        "minimum": x.min() if some else None,
        "maximum": x.max() if some else None,
        "quantile 0.9": np.quantile(x, 0.9) if some else None,
        "skewness": stats.skew(z, bias=False) if len(x) > 2 and not constant else None,
        "kurtosis": stats.kurtosis(z, bias=False) if len(x) > 3 and not constant else None,
        "entropy": stats.entropy(counts.to_numpy(dtype=float)) if len(given) else None,
        "distinctCount": len(counts),
        "distinctShare": len(counts) / len(given) if len(given) else None,
        "uniqueShare": int((counts == 1).sum()) / len(given) if len(given) else None,
        "nullShare": nulls / len(values) if len(values) else None,
    }
    return {name: finite(value) for name, value in out.items()}


def correlations(a, b):
    frame = pd.DataFrame({"a": a, "b": b}, dtype=float).dropna()
    table = pd.crosstab(frame["a"], frame["b"])
    return {
        "pearson": finite(stats.pearsonr(frame["a"], frame["b"]).statistic),
        "spearman": finite(stats.spearmanr(frame["a"], frame["b"]).statistic),
        "cramersV": finite(stats.contingency.association(table.to_numpy(), method="cramer", correction=False)),
    }


[given] = json.load(sys.stdin)
json.dump(
    [{
        "columns": [statistics(values) for values in given["columns"]],
        "pairs": [correlations(a, b) for a, b in given["pairs"]],
        "powers": [power(cells, labels) for cells, labels in given["powers"]],
        "lengths": [finite(pd.Series(texts, dtype=object).str.len().mean()) for texts in given["texts"]],
    }],
    sys.stdout,
)
