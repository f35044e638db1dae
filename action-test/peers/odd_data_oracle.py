"""
What Python reads in odd files, and scipy's measures of drift between them and the plain one (JSON on both sides).
Text by the csv module and json, Parquet by pyarrow; an empty field is a null, a row of another width none.
"""
import csv
import gzip
import io
import json
import math
import sys

import numpy as np
import pyarrow.parquet as pq
from scipy import stats
from scipy.spatial import distance

import drift_p_values as tests

csv.field_size_limit(1 << 30)
NULL = object()


def text_of(path):
    data = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def read_csv(path):
    rows = []
    try:
        rows.extend(row for row in csv.reader(io.StringIO(text_of(path), newline=""), strict=True))
    except csv.Error:
        # A quotation mark that is not closed: what came before it are rows.
        rows = []
        reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
        while True:
            try:
                rows.append(next(reader))
            except (csv.Error, StopIteration):
                break
    header, *rows = rows
    rows = [row for row in rows if len(row) == len(header)]
    return header, [[None if row[at] == "" else row[at] for row in rows] for at in range(len(header))]


def read_lines(path):
    objects = []
    for line in text_of(path).splitlines():
        try:
            objects.append(json.loads(line))
        except json.JSONDecodeError:
            pass
    header = list(objects[0])
    return header, [[one.get(name) for one in objects] for name in header]


def read_parquet(path):
    table = pq.ParquetFile(path).read()
    return table.column_names, [column.to_pylist() for column in table.columns]


def renamed(header):
    """Names that repeat get a number, empty ones that of their place."""
    names = []
    for at, name in enumerate(header):
        name = name or f"column{at}"
        names.append(f"{name}_{names.count(name)}" if name in names else name)
    return names


def number(value):
    if isinstance(value, bool) or isinstance(value, (list, dict, bytes)):
        raise ValueError
    return float(value)


def read(path):
    reader = read_parquet if path.endswith("parquet") else read_lines if path.endswith("jsonl") else read_csv
    header, columns = reader(path)
    found = {}
    for name, values in zip(renamed(header), columns):
        given = [value for value in values if value is not None]
        try:
            numbers = [math.nan if value is None else number(value) for value in values]
            found[name] = {"kind": "numeric" if given else "none", "values": numbers, "nulls": len(values) - len(given)}
        except ValueError:
            found[name] = {"kind": "text", "values": [NULL if value is None else repr(value) for value in values],
                           "nulls": len(values) - len(given)}
        found[name]["distinct"] = distinct(found[name], given)
    return found


def distinct(column, given):
    return len({str(number(value)) for value in given} if column["kind"] == "numeric" else {repr(value) for value in given})


def finite(column):
    values = np.array(column["values"], dtype=float)
    return values[np.isfinite(values)]


def summary(column):
    answer = {"rows": len(column["values"]), "nulls": column["nulls"], "distinct": column["distinct"], "finite": None}
    values = finite(column) if column["kind"] == "numeric" else np.array([])
    if len(values):
        scale = max(1.0, np.abs(values).max() / 1e100)
        scaled = values / scale
        deviation = scaled.std(ddof=1) * scale if len(values) > 1 else 0.0
        answer |= {"finite": len(values), "mean": scaled.mean() * scale, "deviation": deviation,
                   "minimum": values.min(), "maximum": values.max()}
    return answer


def of_counts(before, now):
    p, q = before / before.sum(), now / now.sum()
    filled = [np.where(share == 0, 1e-4, share) for share in (p, q)]
    table = np.array([before, now])
    divergence = distance.jensenshannon(p, q) ** 2
    bias = (len(p) - 1) * (1 / before.sum() + 1 / now.sum()) / 8
    return {
        "psi": float(((filled[0] - filled[1]) * np.log(filled[0] / filled[1])).sum()),
        "hellinger": float(distance.euclidean(np.sqrt(p), np.sqrt(q)) / math.sqrt(2)),
        "total_variation": float(distance.cityblock(p, q) / 2),
        "l_infinity": float(distance.chebyshev(p, q)),
        "jensen_shannon_distance": float(math.sqrt(max(0.0, divergence))),
        "jensen_shannon": float(math.sqrt(max(0.0, divergence - bias))),
        "chi_squared": float(stats.chi2_contingency(table, correction=False).statistic),
        "cramers_v": float(stats.contingency.association(table, method="cramer", correction=False)),
    }


def cells(before, now):
    """Below, at and above a constant; otherwise by the deciles of the reference."""
    ordered = np.sort(before)
    if ordered[0] == ordered[-1]:
        return [np.array([(v < ordered[0]).sum(), (v == ordered[0]).sum(), (v > ordered[0]).sum()]) for v in (before, now)]
    edges = sorted({ordered[k * len(ordered) // 10] for k in range(1, 10)} - {ordered[0]})
    if not edges:
        return [np.array([(v < ordered[0]).sum(), (v == ordered[0]).sum(), (v > ordered[0]).sum()]) for v in (before, now)]
    return [np.bincount(np.searchsorted(edges, v, side="right"), minlength=len(edges) + 1) for v in (before, now)]


def numeric(before, now):
    before, now = finite(before), finite(now)
    if not len(before) or not len(now) or len(set(before) | set(now)) == 1:
        return {}
    # Scores of such numbers are none any more; their ratio is that of smaller ones.
    scale = 2.0**-600 if max(np.abs(before).max(), np.abs(now).max()) > 1e150 else 1.0
    large = np.abs(before).max() > 1e150
    own = (before * scale).std() if large else before.std() * scale
    unit = own or (np.concatenate([before, now]) * scale).std()
    answer = {
        "wasserstein": float(stats.wasserstein_distance(before * scale, now * scale) / unit),
        "kolmogorov_smirnov": float(stats.ks_2samp(before, now, method="asymp").statistic),
    }
    return answer | of_seen(*cells(before, now))


def of_seen(before, now):
    seen = (before + now) > 0
    if seen.sum() < 2:
        return dict.fromkeys(of_counts(np.array([1, 1]), np.array([1, 1])), 0.0)
    return of_counts(before[seen], now[seen])


def categorical(before, now):
    words = sorted({str(value) for value in before["values"] + now["values"]})
    counts = [np.array([[str(v) for v in side["values"]].count(word) for word in words]) for side in (before, now)]
    if len(words) < 2 or not all(count.sum() for count in counts):
        return {}
    return of_seen(*counts)


def as_text(column):
    return column | {"values": [NULL] * len(column["values"])} if column["kind"] == "none" else column


def measures(before, now):
    answer = {}
    for name in before.keys() & now.keys():
        kinds = {before[name]["kind"], now[name]["kind"]} - {"none"}
        if kinds == {"numeric"}:
            answer[name] = numeric(before[name], now[name])
        elif len(kinds) == 1:
            answer[name] = categorical(as_text(before[name]), as_text(now[name]))
    return answer


def tested(before, now):
    """Of a column the p of its values by what decides, and of its nulls; {} where nothing can be tested."""
    kinds = {before["kind"], now["kind"]} - {"none"}
    if kinds != {"numeric"}:
        sides = [[str(value) for value in as_text(side)["values"]] for side in (before, now)]
        words = sorted({*sides[0], *sides[1]})
        p = tests.homogeneity(*[[side.count(word) for word in words] for side in sides])
        return {"both": p, "kolmogorov_smirnov": p, "chi_squared": p, "nulls": None}
    first, second = finite(before), finite(now)
    counts = [[len(side["values"]) - len(values), len(values)] for side, values in ((before, first), (now, second))]
    answer = {"nulls": tests.homogeneity(*counts) if counts[0][0] + counts[1][0] else None}
    both = tests.of_numbers(first, second) if len(first) and len(second) else None
    if both is None:
        return answer
    in_cells = tests.homogeneity(*cells(first, second))
    return answer | {
        "both": both,
        "kolmogorov_smirnov": tests.smirnov(first, second),
        "chi_squared": 1.0 if in_cells is None else in_cells,
    }


def p_values(before, now):
    shared = {name: tested(before[name], now[name]) for name in before.keys() & now.keys()
              if len({before[name]["kind"], now[name]["kind"]} - {"none"}) == 1}
    numbers = [name for name in ("id", "x") if name in shared and {before[name]["kind"], now[name]["kind"]} == {"numeric"}]
    as_numbers = lambda side: {name: np.where(np.isfinite(side[name]["values"]), side[name]["values"], np.nan)
                               for name in numbers}
    answer = {"nulls": {name: found["nulls"] for name, found in shared.items()},
              "correlations": tests.correlations(as_numbers(before), as_numbers(now))}
    for way in ("both", "kolmogorov_smirnov", "chi_squared"):
        raw = {name: tests.of_column(found.get(way), found["nulls"]) for name, found in shared.items()}
        answer[way] = {"raw": raw, "adjusted": tests.adjusted(raw)}
    return answer


[paths] = json.load(sys.stdin)
files = {name: read(path) for name, path in paths.items()}
answer = {
    name: {
        "columns": {column: summary(found) for column, found in columns.items()},
        "asData": measures(files["plain"], columns),
        "asReference": measures(columns, files["plain"]),
        "pAsData": p_values(files["plain"], columns),
        "pAsReference": p_values(columns, files["plain"]),
    }
    for name, columns in files.items()
}
json.dump([answer], sys.stdout)
