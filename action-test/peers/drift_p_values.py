"""The p of each column as drift-check works them out, by scipy: what the oracles of drift share."""
import numpy as np
from scipy import stats

LEAST_EXPECTED = 5


def pooled(before, now):
    """Cells whose expected count is below 5 in either sample become one; where that is short, the smallest cell joins."""
    before, now = np.array(before, float), np.array(now, float)
    expected = stats.contingency.expected_freq([before, now])
    small = expected.min(axis=0) < LEAST_EXPECTED
    rest = np.array([before[small].sum(), now[small].sum()])
    cells = np.array([before[~small], now[~small]])
    if not rest.sum():
        return cells
    share = min(before.sum(), now.sum()) / (before.sum() + now.sum())
    if rest.sum() * share < LEAST_EXPECTED and cells.shape[1]:
        smallest = cells.sum(axis=0).argmin()
        rest = rest + cells[:, smallest]
        cells = np.delete(cells, smallest, axis=1)
    return np.column_stack([cells, rest])


def homogeneity(before, now):
    """None where fewer than two cells are left."""
    if not np.sum(before) or not np.sum(now):
        return None
    cells = pooled(before, now)
    return None if cells.shape[1] < 2 else float(stats.chi2_contingency(cells, correction=False).pvalue)


def smirnov(before, now):
    """Kolmogorov's limit: ks_2samp takes another one."""
    n, m = len(before), len(now)
    distance = stats.ks_2samp(before, now, method="asymp").statistic
    return float(stats.kstwobign.sf(np.sqrt(n * m / (n + m)) * distance))


def of_numbers(before, now):
    """The default: twice the smaller of Kolmogorov–Smirnov's and Mann–Whitney's; None where a side has one value."""
    if min(len(before), len(now)) < 2 or np.all(np.concatenate([before, now]) == before[0]):
        return None
    ranks = stats.mannwhitneyu(before, now, method="asymptotic", use_continuity=False).pvalue
    return float(min(1.0, 2 * min(smirnov(before, now), ranks)))


def of_column(values, nulls):
    """Bonferroni over what a column was tested by."""
    tested = [p for p in (values, nulls) if p is not None]
    return min(1.0, len(tested) * min(tested)) if tested else None


def adjusted(by_column):
    tested = {name: p for name, p in by_column.items() if p is not None}
    found = stats.false_discovery_control(list(tested.values()), method="bh").tolist() if tested else []
    return dict(zip(tested, found))


def mid_ranks(values):
    ranks = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    ranks[known] = stats.rankdata(values[known])
    return ranks


def above(ranks):
    """Of each pair of rows 1 where the second has the higher rank, ½ where both have the same."""
    return (ranks[None, :] > ranks[:, None]) + 0.5 * (ranks[None, :] == ranks[:, None])


def centred(ranks):
    return (ranks - ranks.mean()) / len(ranks)


def fisher_variance(first, second, value):
    """By the influence of each row on the correlation of ranks (Borkowf 2002)."""
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < 4 or 1 - value**2 < 1e-12:
        return 0.0
    count = both.sum()
    one, other = centred(first[both]), centred(second[both])
    own = (one * other + above(first[both]) @ other / count + above(second[both]) @ one / count) / np.sqrt(
        (one**2).mean() * (other**2).mean()
    )
    for ranks in (first, second):
        known = ~np.isnan(ranks)
        middle = centred(ranks[known])
        influence = np.zeros(len(ranks))
        influence[known] = (middle**2 + 2 * above(ranks[known]) @ middle / known.sum()) / (middle**2).mean()
        own = own - value / 2 * influence[both]
    return float(own.var() / (count - 3) / (1 - value**2) ** 2)


def correlation(first, second):
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < 4 or not np.ptp(first[both]) or not np.ptp(second[both]):
        return None
    return float(stats.pearsonr(first[both], second[both]).statistic), int(both.sum())


def correlations(before, now, alpha=0.05):
    """
    Of each pair of columns the correlations of both sides and the p of their difference by Benjamini and Yekutieli.
    @param before, now columns of numbers by name, NaN where there is none.
    """
    names = list(before)
    ranks = [{name: mid_ranks(np.array(side[name], float)) for name in names} for side in (before, now)]
    pairs = []
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            found = [correlation(side[first], side[second]) for side in ranks]
            if None not in found:
                pairs.append((first, second, found))

    def p(first, second, found, closely):
        common = sum(value * rows for value, rows in found) / sum(rows for _, rows in found)
        usual = [(1 + common**2 / 2) / (rows - 3) for _, rows in found]
        own = [fisher_variance(side[first], side[second], value) for side, (value, _) in zip(ranks, found)]
        variance = sum(max(a, b) for a, b in zip(usual, own)) if closely else sum(usual)
        z = [np.arctanh(np.clip(value, -1 + 1e-15, 1 - 1e-15)) for value, _ in found]
        return float(2 * stats.norm.sf(abs(z[0] - z[1]) / np.sqrt(variance)))

    if not pairs:
        return {}
    by = lambda values: stats.false_discovery_control(np.minimum(1, values), method="by")
    first = [p(*pair, False) for pair in pairs]
    again = [value if all_of > alpha else p(*pair, True) for value, all_of, pair in zip(first, by(first), pairs)]
    return {
        f"{a} {b}": {"reference": found[0][0], "data": found[1][0], "p": float(value)}
        for (a, b, found), value in zip(pairs, by(again))
    }
