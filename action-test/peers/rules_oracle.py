"""What pandas, scipy, scikit-learn and the standard library say of the rules in rule-cases.ts, on the same files."""
import base64
import io
import ipaddress
import json
import re
import sys
import uuid
from datetime import datetime

import numpy as np
import pandas as pd
from scipy import stats

from predictive_power import folds, power as power_of


def read(path):
    """Every cell as text; an empty one is a null unless it is quoted."""
    text = open(path, encoding="utf-8", newline="").read()
    return pd.read_csv(io.StringIO(text), dtype=object, keep_default_na=False).replace({"": None})


class Table:
    def __init__(self, path):
        self.rows = read(path)
        self.names = list(self.rows.columns)

    def text(self, name):
        return self.rows[name]

    def given(self, name):
        return self.rows[name].dropna()

    def numbers(self, name):
        """NaN for null; infinities stay."""
        return self.rows[name].map(lambda value: np.nan if value is None else float(value)).astype(float)

    def finite(self, name):
        values = self.numbers(name)
        return values[np.isfinite(values)]

    def times(self, name):
        return pd.to_datetime(self.rows[name])


def count(condition):
    return {"failing": int(np.sum(np.asarray(condition, dtype=bool)))}


def parses(function, text):
    try:
        return function(text) is not None
    except (ValueError, KeyError, TypeError):
        return False


def unlike(table, name, function):
    return count([not parses(function, value) for value in table.given(name)])


def far(values, centre, reach):
    """Infinities are far from everything."""
    return count(~np.isfinite(values) | (np.abs(values - centre) > reach))


def z_scores(table, name, most):
    values = table.numbers(name).dropna()
    finite = values[np.isfinite(values)]
    return far(values, finite.mean(), most * finite.std(ddof=1))


def fences(table, name):
    values = table.numbers(name).dropna()
    low, high = np.quantile(values[np.isfinite(values)], [0.25, 0.75])
    return count((values < low - 1.5 * (high - low)) | (values > high + 1.5 * (high - low)))


def median_deviation(table, name):
    values = table.numbers(name).dropna()
    finite = values[np.isfinite(values)]
    return far(values, finite.median(), 3.5 * stats.median_abs_deviation(finite) / 0.6745)


def kind_of(text):
    text = text.strip()
    if parses(float, text):
        return "number"
    if text.lower() in ("true", "false"):
        return "boolean"
    return "time" if "-" in text and parses(datetime.fromisoformat, text) else "text"


def mixed(table, name):
    kinds = table.given(name).map(kind_of).value_counts()
    return {"failing": int(kinds.sum() - kinds.max()), "numbers": sorted(kinds.tolist(), reverse=True)}


def disguised(text):
    words = ["", "?", "-", "--", ".", "n/a", "na", "#n/a", "nan", "nil", "none", "null", "missing"]
    return text.strip().lower() in words + ["-99", "-999", "-9999", "-99999"]


def is_object(text):
    found = json.loads(text)
    return found if isinstance(found, dict) and type(found["a"]) is int else None


def falls(table, name, group=None, strictly=False, sign=1):
    """Rows below the last value before them that is not null."""
    frame = pd.DataFrame({"x": sign * table.numbers(name), "g": table.text(group).fillna("(null)") if group else ""})
    frame = frame.dropna(subset="x")
    step = frame.groupby("g")["x"].diff()
    return count(step <= 0 if strictly else step < 0)


def pairs(table, a, b, numeric=True):
    read_column = table.numbers if numeric else table.text
    return pd.DataFrame({"a": read_column(a), "b": read_column(b)}).dropna()


def number(value):
    return {"numbers": [float(value)]}


def key(frame):
    return [tuple(row) for row in frame.itertuples(index=False)]


def overlap(table, other):
    mine, theirs = [
        pd.DataFrame({"c": side.text("c"), "q": side.numbers("q")}) for side in (table, other)
    ]
    known = set(key(theirs.dropna()))
    return count([row in known for row in key(mine.dropna())])


def conflicting(table):
    frame = table.rows[["t", "c", "y"]].dropna(subset="y")
    return count(frame.groupby(["t", "c"], dropna=False)["y"].transform("nunique") > 1)


def shares(column):
    return column.fillna("(null)").value_counts(normalize=True)


def skew(table, other):
    both = pd.DataFrame({"p": shares(table.text("c")), "q": shares(other.text("c"))}).fillna(0)
    return number((both["p"] - both["q"]).abs().max())


def skew_of_numbers(table, other):
    """A null stands before the first number."""
    sides = [side.numbers("n").fillna(-np.inf) for side in (table, other)]
    return number(stats.ks_2samp(*sides, method="asymp").statistic)


def skew_by_key(table, other):
    sides = [side.rows.assign(id=side.numbers("id"))[["id", "c"]].dropna(subset="id") for side in (table, other)]
    joined = sides[0].merge(sides[1], on="id")
    return number((joined["c_x"].fillna("(null)") != joined["c_y"].fillna("(null)")).mean())


def power(table, cells):
    """As `predictivePower` has it: folds by the position of the row, those without a label left out afterwards."""
    labels = table.text("y")
    known = labels.notna().to_numpy()
    cells = cells.fillna("(null)")[known].reset_index(drop=True)
    return power_of(cells, labels[known].reset_index(drop=True).astype(object), folds(len(known))[known])


def luhn(text):
    digits = [int(digit) for digit in re.sub("[ -]", "", text)][::-1]
    if len(digits) < 13:
        return None
    total = sum(d if at % 2 == 0 else sum(divmod(2 * d, 10)) for at, d in enumerate(digits))
    return True if total % 10 == 0 else None


def iban(text):
    turned = text.replace(" ", "")
    if not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", turned):
        return None
    return True if int("".join(str(int(c, 36)) for c in turned[4:] + turned[:4])) % 97 == 1 else None


def email(text):
    return re.fullmatch(r"[^@\s]+@[\w-]+(\.[\w-]+)+", text)


def alike(table, function):
    return count([parses(function, value) for value in table.given("p")])


def no_multiple(table, name, of):
    return count([abs(value / of - round(value / of)) > 1e-9 for value in table.finite(name)])


def out_of_set(table, name):
    found = set(table.given(name))
    return {"words": sorted(found - {"a", "b", "zz"}) + sorted({"a", "b", "zz"} - found)}


def most_common(table, name):
    counts = table.given(name).value_counts()
    return {"words": sorted(counts[counts == counts.max()].index), "numbers": [int(counts.max())]}


def rarest(table):
    counts = table.given("y").value_counts()
    return {"numbers": [int(counts.min()), int(counts.sum()), float(counts.min() / counts.sum())]}


def near_constant(table):
    counts = table.text("u").fillna("null").value_counts()
    return {"words": [counts.idxmax()], "numbers": [int(counts.max()), len(table.rows)]}


def repeats(table, names):
    columns = pd.DataFrame({name: table.text(name).fillna("(null)") for name in names})
    return count(columns.duplicated())


def hours_ago(table, now):
    hours = (pd.Timestamp(now) - table.times("at").max()).total_seconds() / 3600
    return {"words": [f"{hours:.1f} h ago"]}


def unknown(table):
    return [f'"{name}"' for name in table.names if name == "twin"]


def twins(table):
    names = table.names
    return [f"{a} = {b}" for at, a in enumerate(names) for b in names[at + 1 :] if table.rows[a].equals(table.rows[b])]


def foreign(table, other):
    return count(~table.finite("q").isin(other.finite("q")))


RULES = {
    "a missing column": lambda d, o: {"verdict": "pass" if "nowhere" in d.names else "fail"},
    "logicalType": lambda d, o: unlike(d, "t", float),
    "strictColumns": lambda d, o: {"verdict": "fail", "words": unknown(d)},
    "columns": lambda d, o: {"verdict": "fail", "words": unknown(d)},
    "columnCount": lambda d, o: number(len(d.names)),
    "mixedTypes": lambda d, o: mixed(d, "m"),
    "required": lambda d, o: count(d.text("n").isna()),
    "nullValues": lambda d, o: count(d.text("n").isna()),
    "missingValues": lambda d, o: count(d.text("v").isna() | d.text("v").isin(["?", "7"])),
    "disguisedNulls": lambda d, o: count(d.given("v").map(disguised)),
    "nullsTogether": lambda d, o: count(d.rows[["n", "w", "t"]].isna().sum(axis=1).isin([1, 2])),
    "atLeastOne": lambda d, o: count(d.rows[["n", "w"]].isna().all(axis=1)),
    "unique": lambda d, o: count(d.finite("id").duplicated()),
    "a primary key": lambda d, o: count(d.text("id").isna()),
    "a compound key": lambda d, o: repeats(d, ["c", "g"]),
    "duplicateValues": lambda d, o: count(d.finite("q").duplicated()),
    "duplicate rows": lambda d, o: repeats(d, d.names),
    "minimum": lambda d, o: count(d.numbers("w").dropna() < 0.5),
    "maximum": lambda d, o: count(d.numbers("w").dropna() > 0.5),
    "exclusiveMinimum": lambda d, o: count(d.finite("q") <= 1.5),
    "exclusiveMaximum": lambda d, o: count(d.finite("q") >= 1.5),
    "minimum of a date": lambda d, o: count(d.times("d") < pd.Timestamp("2001-01-12")),
    "multipleOf": lambda d, o: no_multiple(d, "q", 0.5),
    "multipleOf a decimal": lambda d, o: no_multiple(d, "q", 0.1),
    "minLength": lambda d, o: count(d.given("t").str.len() < 3),
    "maxLength": lambda d, o: count(d.given("t").str.len() > 2),
    "pattern": lambda d, o: count(~d.given("t").str.contains("^[A-Z]{2}[0-9]+$")),
    "format email": lambda d, o: unlike(d, "f", email),
    "format uuid": lambda d, o: unlike(d, "f", uuid.UUID),
    "format ipv4": lambda d, o: unlike(d, "f", ipaddress.IPv4Address),
    "format ipv6": lambda d, o: unlike(d, "f", ipaddress.IPv6Address),
    "format byte": lambda d, o: unlike(d, "f", lambda text: base64.b64decode(text, validate=True)),
    "format u8": lambda d, o: count(~d.finite("i").between(0, 255)),
    "invalidValues": lambda d, o: count(~d.given("c").isin(["a", "dd"])),
    "invalidValues by pattern": lambda d, o: count(~d.given("t").str.contains("[a-z]")),
    "valueSet": lambda d, o: out_of_set(d, "c"),
    "mostCommonValue": lambda d, o: most_common(d, "c"),
    "dateFormat": lambda d, o: unlike(d, "stamp", lambda text: datetime.strptime(text, "%d.%m.%Y")),
    "json": lambda d, o: unlike(d, "j", is_object),
    "json of any shape": lambda d, o: unlike(d, "j", lambda text: [json.loads(text)]),
    "increasing": lambda d, o: falls(d, "s"),
    "increasing strictly by group": lambda d, o: falls(d, "q", "g", strictly=True),
    "decreasing": lambda d, o: falls(d, "q", sign=-1),
    "zScore": lambda d, o: z_scores(d, "n", 2),
    "zScore with infinities": lambda d, o: z_scores(d, "w", 3),
    "outliers": lambda d, o: fences(d, "w"),
    "outliers by zScore": lambda d, o: z_scores(d, "n", 2.5),
    "outliers by medianDeviation": lambda d, o: median_deviation(d, "w"),
    "a row expression": lambda d, o: count(d.numbers("a") > d.numbers("b")),
    "a query": lambda d, o: number(d.finite("q").sum()),
    "sum": lambda d, o: count((d.numbers("a") + d.numbers("b") - d.numbers("total")).abs() > 1e-9),
    "correlation by pearson": lambda d, o: number(stats.pearsonr(*pairs(d, "a", "total").to_numpy().T).statistic),
    "correlation by spearman": lambda d, o: number(stats.spearmanr(*pairs(d, "a", "total").to_numpy().T).statistic),
    "correlation by cramersV": lambda d, o: number(
        stats.contingency.association(pd.crosstab(*[pairs(d, "t", "y", False)[x] for x in "ab"]), correction=False)
    ),
    "foreignKey": foreign,
    "freshness": lambda d, o: hours_ago(d, "2001-02-01"),
    "rowCount": lambda d, o: number(len(d.rows)),
    "overlap": overlap,
    "timeLeakage": lambda d, o: count(d.times("d") <= o.times("d").max()),
    "indexLeakage": lambda d, o: number(power(d, pd.Series(np.arange(len(d.rows)) * 40 // len(d.rows)).astype(str))),
    "indexLeakage of a column": lambda d, o: number(power(d, d.text("c"))),
    "targetLeakage": lambda d, o: number(power(d, d.text("t"))),
    "labelCorrelationChange": lambda d, o: {"numbers": [power(o, o.text("t")), power(d, d.text("t"))]},
    "conflictingLabels": lambda d, o: conflicting(d),
    "classBalance": lambda d, o: rarest(d),
    "newCategories": foreign,
    "nearConstant": lambda d, o: near_constant(d),
    "duplicateColumns": lambda d, o: {"verdict": "fail", "words": twins(d)},
    "servingSkew": skew,
    "servingSkew of numbers": skew_of_numbers,
    "servingSkew by key": skew_by_key,
    "personalData email": lambda d, o: alike(d, email),
    "personalData card": lambda d, o: alike(d, luhn),
    "personalData iban": lambda d, o: alike(d, iban),
    "personalData ipAddress": lambda d, o: alike(d, ipaddress.ip_address),
}

answers = []
for case in json.load(sys.stdin):
    data, other = Table(case["data"]), Table(case["other"])
    answers.append({name: rule(data, other) for name, rule in RULES.items()})
json.dump(answers, sys.stdout)
