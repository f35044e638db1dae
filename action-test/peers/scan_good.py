"""
Saves what data scientists save every day: every estimator of scikit-learn fitted, pipelines, arrays, frames, in each way
that pickle, joblib, numpy and pandas have. Standard input is
`[{"folder": …}]`, standard output says how many files there are, and which estimators could not be fitted.
"""

import collections
import datetime
import decimal
import fractions
import importlib.util
import inspect
import json
import os
import pickle
import sys
import uuid
import warnings

import joblib
import numpy as np
import pandas as pd
import scan_good_around as around
import scipy.sparse as sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

warnings.simplefilter("ignore")
folder = json.load(sys.stdin)[0]["folder"]
COMPRESSIONS = ["zlib", "gzip", "bz2", "xz", "lzma"]
if importlib.util.find_spec("lz4"):
    COMPRESSIONS.append("lz4")
random = np.random.default_rng(20260101)
X = random.normal(size=(40, 4))
POSITIVE = np.abs(X) + 0.1
CLASSES = np.tile([0, 1], 20)
TARGET = X @ [1.0, 2.0, 3.0, 4.0]
FRAME = pd.DataFrame(
    {
        "age": random.integers(18, 80, 40),
        "income": random.normal(size=40),
        "town": np.tile(["Bern", "Basel", "Zug", "Chur"], 10),
        "since": pd.date_range("2020-01-01", periods=40, tz="Europe/Zurich"),
        "grade": pd.Categorical(np.tile(["a", "b"], 20), ordered=True),
        "maybe": pd.array([1, None] * 20, dtype="Int64"),
    }
)


def place(*parts):
    path = os.path.join(folder, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def save(name, value, least=0):
    """By pickle in every protocol from the least on, and by joblib."""
    for protocol in range(least, pickle.HIGHEST_PROTOCOL + 1):
        with open(place(name, f"protocol-{protocol}.pkl"), "wb") as stream:
            pickle.dump(value, stream, protocol)
    joblib.dump(value, place(name, "plain.joblib"))


def save_every_way(name, value):
    save(name, value)
    for compression in COMPRESSIONS:
        for level in (1, 9):
            joblib.dump(value, place(name, f"{compression}-{level}.joblib"), compress=(compression, level))


UNLABELLED = np.where(np.arange(40) < 4, -1, CLASSES)
ATTEMPTS = [
    (X, CLASSES),
    (POSITIVE, CLASSES),
    (X, TARGET),
    (X, np.c_[TARGET, TARGET]),
    (X, np.c_[CLASSES, CLASSES]),
    (POSITIVE, np.abs(TARGET) + 1),
    (X, UNLABELLED),
    (TARGET, CLASSES),
    (["one two", "two three"] * 20, CLASSES),
    ([{"a": 1}, {"b": 2}] * 20, CLASSES),
    ([[1, 2], [2, 3]] * 20,),
    (X @ X.T,),
    (CLASSES,),
]
"""What some constructors ask for; the first that a fit succeeds with is taken."""
GIVEN = [
    {"estimator": LogisticRegression(), "estimators": [("tree", DecisionTreeClassifier()), ("line", LogisticRegression())]},
    {"estimator": Ridge(), "estimators": [("line", Ridge())]},
    {"estimator": LogisticRegression().fit(X, CLASSES)},
    {"n_components": 2},
    {"estimator": DecisionTreeClassifier()},
]
ALWAYS = {
    "param_grid": {"C": [0.1, 1.0]},
    "param_distributions": {"C": [0.1, 1.0]},
    "transformer_list": [("scale", StandardScaler())],
    "transformers": [("scale", StandardScaler(), [0, 1])],
    "steps": [("scale", StandardScaler()), ("model", LogisticRegression())],
    "dictionary": X[:5],
}


def fitted(cls):
    """@returns an estimator of the class fitted to the first data that it takes; None where none suits it."""
    parameters = inspect.signature(cls).parameters
    required = {name for name, parameter in parameters.items() if parameter.default is parameter.empty}
    for given in GIVEN:
        wanted = required if given is GIVEN[0] else required | (set(given) & set(parameters))
        values = {key: value for key, value in {**ALWAYS, **given}.items() if key in wanted}
        for attempt in ATTEMPTS:
            try:
                return cls(**values).fit(*attempt)
            except Exception:
                continue
    return None


left_out = []
for name, cls in all_estimators():
    estimator = fitted(cls)
    if estimator is None:
        left_out.append(name)
    else:
        save(f"sklearn/{name}", estimator)

columns = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "income"]),
        ("words", OneHotEncoder(handle_unknown="ignore"), ["town", "grade"]),
    ]
)
PIPELINES = {
    "columns": make_pipeline(columns, RandomForestClassifier(5)).fit(FRAME, CLASSES),
    "words": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["good day", "bad night"] * 20, CLASSES),
    "function": make_pipeline(FunctionTransformer(np.log1p), Ridge()).fit(POSITIVE, TARGET),
    "grid": GridSearchCV(SVC(), {"C": [0.1, 1, 10]}).fit(X, CLASSES),
    "random": RandomizedSearchCV(LogisticRegression(), {"C": [0.1, 1]}, n_iter=2).fit(X, CLASSES),
    "union": FeatureUnion([("scale", StandardScaler()), ("same", "passthrough")]).fit(X),
    "stacking": StackingClassifier([("svc", SVC()), ("tree", DecisionTreeClassifier())]).fit(X, CLASSES),
    "voting": VotingClassifier([("svc", SVC(probability=True)), ("line", LogisticRegression())], voting="soft").fit(X, CLASSES),
    "calibrated": CalibratedClassifierCV(SVC()).fit(X, CLASSES),
    "in-a-dict": {"model": LogisticRegression().fit(X, CLASSES), "features": ["a", "b"], "threshold": np.float64(0.5)},
}
for name, value in PIPELINES.items():
    save_every_way(f"pipelines/{name}", value)

ARRAYS = {
    "numbers": X,
    "fortran": np.asfortranarray(X),
    "like-a-pickle": np.frombuffer(b"\x80\x02}q\x00(X\x06\x00\x00\x00" + random.bytes(2_000), dtype="u1"),
    "like-pickles": [np.frombuffer(bytes([first]) + random.bytes(900), dtype="u1") for first in range(256)],
    "opcodes": np.tile(np.arange(256, dtype="u1"), 4096),
    "empty": np.empty((0, 3)),
    "scalar": np.array(3.0),
    "half": X.astype("f2"),
    "complex": X.astype("c16"),
    "big-endian": X.astype(">f8"),
    "dates": np.array(["2020-01-01", "2021-01-01"], dtype="M8[D]"),
    "record": np.array([(1, 2.0, "x")], dtype=[("a", "i4"), ("b", "f8"), ("c", "U3")]),
    "texts": np.array(["Bern", "Zürich"]),
    "masked": np.ma.masked_array(X, X > 0),
    "matrix": np.matrix(X),
    "generator": np.random.default_rng(1),
    "random-state": np.random.RandomState(1),
    "scalars": [np.float64(1), np.int32(2), np.bool_(True), np.datetime64("2020-01-01"), np.str_("x")],
    "types": [np.dtype("f8"), np.float32, np.int64, np.ndarray],
    "large": random.normal(size=(1000, 300)),
    "many": {f"layer {index}": random.normal(size=(3, index + 1)).astype("f4") for index in range(40)},
}
for name, value in ARRAYS.items():
    save_every_way(f"numpy/{name}", value)
    if type(value) is np.ndarray:
        np.save(place("numpy", name, "array.npy"), value, allow_pickle=False)
        np.savez(place("numpy", name, "array.npz"), value, again=value)
        np.savez_compressed(place("numpy", name, "compressed.npz"), value)
for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix, sparse.lil_matrix, sparse.csr_array):
    save(f"scipy/{kind.__name__}", kind(np.eye(5)))
sparse.save_npz(place("scipy", "csr.npz"), sparse.csr_matrix(np.eye(5)))

FRAMES = {
    "frame": FRAME,
    "series": FRAME["income"],
    "index": FRAME.set_index(["town", "age"]),
    "words": FRAME["town"].astype("category"),
    "groups": FRAME.groupby("town")["income"].mean(),
    "times": pd.Series(pd.to_timedelta([1, 2], unit="D")),
    "periods": pd.period_range("2020", periods=3, freq="M").to_series(),
    "interval": pd.cut(FRAME["income"], 3),
    "stamp": pd.Timestamp("2020-01-01", tz="UTC"),
    "objects": pd.Series(["a", 1, None], dtype=object),
}
for name, value in FRAMES.items():
    save_every_way(f"pandas/{name}", value)
    if hasattr(value, "to_pickle"):
        value.to_pickle(place("pandas", name, "to_pickle.pkl"))
        for suffix in ("gz", "zip", "tar"):
            value.to_pickle(place("pandas", name, f"to_pickle.pkl.{suffix}"))

PLAIN = {
    "numbers": {"accuracy": 0.9, "classes": [1, 2, 3], "big": 2**70, "small": -5, "set": {1, 2}, "frozen": frozenset({"a"})},
    "collections": [collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]), collections.Counter("abc"), collections.deque([1])],
    "times": [datetime.datetime(2020, 1, 1), datetime.date(2020, 1, 1), datetime.timedelta(1), datetime.timezone.utc],
    "values": [decimal.Decimal("1.5"), fractions.Fraction(1, 3), uuid.UUID(int=1), complex(1, 2), bytearray(b"x"), range(3), slice(1, 2)],
    "long": {"vocabulary": {f"word {index}": index for index in range(20_000)}},
    "builtins": [int, float, list, dict],
}
for name, value in PLAIN.items():
    save_every_way(f"python/{name}", value)

for name, value in around.everything().items():
    # Interpolators have no pickles of protocols 0 and 1; distributions are refused in protocol 0.
    save(name, value, least=2 if name.startswith("scipy") else 1 if name.startswith("distributions") else 0)
    # NumPy 1 has the same under other names.
    renamed = pickle.dumps(value, 2).replace(b"cnumpy._core", b"cnumpy.core")
    with open(place(name, "numpy-1.pkl"), "wb") as stream:
        stream.write(renamed)
    if isinstance(value, np.ndarray):
        np.save(place(name, "array.npy"), np.asarray(value))
        np.savez_compressed(place(name, "compressed.npz"), np.asarray(value), again=value)
for kind in "csr csc coo dia bsr".split():
    sparse.save_npz(place("scipy-around", f"{kind}.npz"), getattr(sparse, f"{kind}_array")(np.eye(3)))

count = sum(len(names) for _, _, names in os.walk(folder))
json.dump([{"files": count, "left_out": left_out}], sys.stdout)
