"""Answers on standard output what scipy says about the cases given on standard input (both JSON)."""

import json
import sys

import numpy as np
from scipy import stats
from scipy.spatial.distance import chebyshev, jensenshannon


def numeric(case):
    first, second = np.array(case["first"]), np.array(case["second"])
    n, m = len(first), len(second)
    # ks_2samp is exact up to 10,000 rows; its statistic is the same, its limit distribution is kstwobign.
    distance = stats.ks_2samp(first, second, method="asymp").statistic
    constant = np.ptp(np.concatenate([first, second])) == 0
    ranks = stats.mannwhitneyu(first, second, method="asymptotic", use_continuity=False)
    chunk = second
    return {
        "ks": distance,
        "ksP": stats.kstwobign.sf(np.sqrt(n * m / (n + m)) * distance),
        "u": ranks.statistic,
        "uP": 1.0 if constant else ranks.pvalue,
        "wasserstein": stats.wasserstein_distance(first, second),
        "meanMidRank": float(np.mean([np.sum(first < x) + np.sum(first <= x) for x in chunk]) / 2 / n),
    }


def counts(case):
    first, second = np.array(case["first"], float), np.array(case["second"], float)
    p, q = first / first.sum(), second / second.sum()
    contingency = stats.chi2_contingency([first, second], correction=False)
    floor = lambda x: np.where(x == 0, 1e-4, x)
    return {
        "chi2": contingency.statistic,
        "chi2P": contingency.pvalue,
        "jensenShannon": jensenshannon(p, q) ** 2,
        "psi": float(np.sum((floor(p) - floor(q)) * np.log(floor(p) / floor(q)))),
        "hellinger": float(np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2)),
        "totalVariation": float(np.abs(p - q).sum() / 2),
        "lInfinity": float(chebyshev(p, q)),
        "cramersV": float(stats.contingency.association([first.astype(int), second.astype(int)], method="cramer")),
    }


def quantity(values):
    """Wasserstein in standard deviations of the reference, or of both where the reference is constant."""
    first, second = np.array(values["first"]), np.array(values["second"])
    both = np.concatenate([first, second])
    unit = first.std() if np.ptp(first) > 0 else both.std()
    distance = stats.wasserstein_distance(first, second)
    return {"standardised": distance / unit if distance > 0 else 0.0}


def ranks(case):
    first, second = np.array(case["first"]), np.array(case["second"])
    return {"spearman": stats.spearmanr(first, second).statistic}


def area(case):
    from sklearn.metrics import roc_auc_score

    first, second = np.array(case["first"]), np.array(case["second"])
    labels = np.r_[np.zeros(len(first)), np.ones(len(second))]
    auc = roc_auc_score(labels, np.r_[first, second])
    above = (second[None, :] > first[:, None]) + 0.5 * (second[None, :] == first[:, None])
    tested = stats.mannwhitneyu(second, first, alternative="greater", method="asymptotic", use_continuity=False)
    constant = np.ptp(np.r_[first, second]) == 0
    return {
        "area": auc,
        "variance": above.mean(1).var(ddof=1) / len(first) + above.mean(0).var(ddof=1) / len(second),
        "greater": 1.0 if constant else tested.pvalue,
    }


def chunks(case):
    reference, current = np.array(case["reference"]), np.array(case["current"])
    k, j = len(reference), len(current)
    s = reference.std(ddof=1)
    t = (current.mean() - reference.mean()) / (s * np.sqrt(1 / j + 1 / k))
    width = stats.t.ppf(0.99865, k - 1) * s * np.sqrt(1 + 1 / k)
    return {
        "twoSided": min(1.0, 2 * stats.t.sf(abs(t), k - 1)),
        "greater": stats.t.sf(t, k - 1),
        "limit": reference.mean() - width,
    }


def calibration(case):
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(out_of_bounds="clip").fit(case["scores"], case["labels"])
    return {"probabilities": model.predict(np.array(case["at"])).tolist()}


def adjusted(case):
    return {
        "adjusted": stats.false_discovery_control(case["pValues"], method="bh").tolist(),
        "anyDependence": stats.false_discovery_control(case["pValues"], method="by").tolist(),
    }


def exceedance(case):
    factor, k, later = case["factor"], case["count"], case["later"]

    def legendre(low, high, points):
        nodes, weights = np.polynomial.legendre.leggauss(points)
        return low + (high - low) * (nodes + 1) / 2, weights * (high - low) / 2

    mean, mean_weight = legendre(-9, 9, 200)
    spread, spread_weight = legendre(0, 1 + 12 / np.sqrt(2 * (k - 1)), 400)
    above = stats.norm.sf(factor * np.sqrt(1 + 1 / k) * spread[:, None] + mean / np.sqrt(k))
    density = stats.chi.pdf(spread, k - 1, scale=1 / np.sqrt(k - 1)) * spread_weight
    return {"chance": density @ -np.expm1(later * np.log1p(-above)) @ (stats.norm.pdf(mean) * mean_weight)}


answers = {"quantity": quantity, "ranks": ranks, "area": area, "numeric": numeric, "counts": counts, "chunks": chunks, "calibration": calibration, "adjusted": adjusted, "exceedance": exceedance}
json.dump([answers[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
