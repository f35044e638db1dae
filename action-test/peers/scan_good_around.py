"""What people save around models: searches, scorers, splitters, kernels, arrays of every kind, frames and their indexes."""

import copy
import datetime
import decimal
import functools
import http
import ipaddress
import os
import pathlib
import re
import tempfile

import joblib
import numpy as np
import pandas as pd
import pyarrow
import scipy.interpolate as interpolate
import scipy.optimize
import scipy.sparse as sparse
import scipy.spatial as spatial
import scipy.spatial.distance as distance
import scipy.special
import scipy.stats as stats
import sklearn.metrics as metrics
import sklearn.model_selection as selection
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.datasets import load_iris
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest, f_regression, mutual_info_classif
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor, kernels
from sklearn.impute import IterativeImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

random = np.random.default_rng(20260101)
X = random.normal(size=(40, 4))
CLASSES = np.tile([0, 1], 20)
TARGET = X @ [1.0, 2.0, 3.0, 4.0]
FRAME = pd.DataFrame({"age": random.integers(18, 80, 40), "town": np.tile(["Bern", "Zug"], 20), "income": np.abs(X[:, 0])})
GRID = {"C": [0.1, 1.0]}
BIT_GENERATORS = [getattr(np.random, name) for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")]
TEXTS = np.dtypes.StringDType


def estimators():
    line = LogisticRegression()
    fitted = LogisticRegression().fit(X, CLASSES)
    numbers = make_column_selector(dtype_include=np.number)
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), numbers), ("towns", OneHotEncoder(sparse_output=False), ["town"])], remainder="passthrough"
    ).set_output(transform="pandas")
    parts = [kernels.RBF(), kernels.WhiteKernel(), kernels.Matern(), kernels.RationalQuadratic(), kernels.ExpSineSquared()]
    kernel = functools.reduce(lambda one, other: one + other, parts, kernels.ConstantKernel() * kernels.DotProduct() ** 2)
    functions = [np.log1p, np.sqrt, np.round, np.abs, np.cumsum, np.nan_to_num, scipy.special.logit, scipy.special.expit]
    functions += [np.expand_dims, np.gradient, np.fft.rfft, np.linalg.pinv, np.strings.lower, scipy.special.softmax, scipy.special.erfinv]
    functions += [stats.zscore, stats.rankdata, pd.to_numeric, pd.isna, pd.get_dummies, round, len]
    greater = metrics.make_scorer(metrics.mean_absolute_error, greater_is_better=False)
    return {
        "grid-of-scorers": selection.GridSearchCV(
            line, GRID, scoring={"a": "accuracy", "f": metrics.make_scorer(metrics.fbeta_score, beta=2)}, refit="a"
        ).fit(X, CLASSES),
        "halving": selection.HalvingGridSearchCV(line, GRID).fit(X, CLASSES),
        "scorers": [greater, *(metrics.get_scorer(name) for name in metrics.get_scorer_names())],
        "splitters": [
            *(getattr(selection, name)() for name in ("KFold", "StratifiedKFold", "GroupKFold", "TimeSeriesSplit", "LeaveOneOut")),
            *(getattr(selection, name)() for name in ("ShuffleSplit", "RepeatedKFold", "GroupShuffleSplit", "StratifiedGroupKFold")),
            selection.PredefinedSplit([0, 1]),
            selection.KFold(shuffle=True, random_state=np.random.RandomState(1)),
        ],
        "validated": selection.cross_validate(line, X, CLASSES, return_estimator=True),
        "functions": [FunctionTransformer(function) for function in functions],
        "function-back": FunctionTransformer(np.log1p, inverse_func=np.expm1, feature_names_out="one-to-one"),
        "partial": FunctionTransformer(functools.partial(np.clip, a_min=0, a_max=1)),
        "best": [SelectKBest(f_regression), SelectKBest(functools.partial(mutual_info_classif, random_state=1)).fit(X, CLASSES)],
        "columns": make_pipeline(columns, line).fit(FRAME, CLASSES),
        "target": TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp).fit(X, np.abs(TARGET) + 1),
        "calibrated": [CalibratedClassifierCV(SVC(), method=method).fit(X, CLASSES) for method in ("sigmoid", "isotonic")],
        "distances": [KNeighborsClassifier(metric=metric) for metric in (distance.cosine, distance.jaccard)],
        "mapped": KNeighborsClassifier().fit(mapped(X), CLASSES),
        "frozen": CalibratedClassifierCV(FrozenEstimator(fitted)).fit(X, CLASSES),
        "kernels": GaussianProcessRegressor(kernel, optimizer=None).fit(X, TARGET),
        "kernel-of-classes": GaussianProcessClassifier(kernels.RBF()).fit(X, CLASSES),
        "tokenizer": CountVectorizer(tokenizer=str.split, preprocessor=str.lower, token_pattern=None),
        "iterative": IterativeImputer().fit(X),
        "importance": permutation_importance(fitted, X, CLASSES, n_repeats=2),
        "dataset": load_iris(),
    }


def arrays():
    fields = [("a", "i4"), ("b", "U5"), ("c", "f8", (2,)), ("d", "M8[ns]")]
    objects = np.array([1, "a", None, [1], {"x": 2}], dtype=object)
    # What the registry of types has of `datetime64` and `timedelta64` needs a unit, and `void` a length.
    scalars = [kind(1, "s") if issubclass(kind, (np.datetime64, np.timedelta64)) else kind(1) for kind in set(np.sctypeDict.values()) - {np.void}]
    return {
        "texts": [np.array(["a", "Zürich" * 20], TEXTS()), np.array(["a", None], TEXTS(na_object=None))],
        "texts-without-values": np.array(["a", np.nan], TEXTS(na_object=np.nan)),
        "texts-alone": np.array(["a"], TEXTS(coerce=False)),
        "fields": np.zeros(3, fields),
        "fields-in-fields": np.zeros(3, [("p", [("x", "f4"), ("y", "f4")]), ("o", "O")]),
        "fields-aligned": np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
        "fields-masked": np.ma.array([(1, 2)], dtype=[("a", int), ("b", int)], mask=[(0, 1)]),
        "void": [np.zeros(3, "V7"), np.void(b"abc"), np.zeros(1, fields)[0]],
        "times": [np.array(["2020-01-01", "NaT"], "M8[25us]"), np.array([1, 2], "m8[s]")],
        "objects": [objects, np.array([np.ones(2), np.ones(3)], dtype=object)],
        "described": np.zeros(2, np.dtype("f8", metadata={"unit": "m"})),
        "kinds": [np.asmatrix(X), np.char.array(["a"]), np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), np.poly1d([1, 2])],
        "polynomials": [getattr(np.polynomial, name)([1, 2]) for name in "Polynomial Chebyshev Hermite HermiteE Laguerre Legendre".split()],
        "generators": [[np.random.Generator(kind(1)), np.random.RandomState(kind(1)), kind(1), kind(1).state] for kind in BIT_GENERATORS],
        "seeds": np.random.SeedSequence(1).spawn(2),
        "mapped": [mapped(X), mapped(CLASSES)[::2]],
        "universal-functions": [value for value in vars(np).values() if isinstance(value, np.ufunc)],
        "functions": [np.mean, np.median, np.average, np.percentile, np.quantile, np.nansum, np.ptp, np.unique, np.linalg.norm],
        "scalars": scalars,
        "scalar-kinds": [*set(np.sctypeDict.values()), np.generic, np.number, np.integer, np.floating, np.inexact, np.flexible],
    }


def mapped(array):
    """@returns the array as joblib gives it back from a file."""
    path = os.path.join(tempfile.mkdtemp(), "array.joblib")
    joblib.dump(array, path)
    return joblib.load(path, mmap_mode="r")


def distributions():
    """The distributions of SciPy, and what is searched among them."""
    line = LogisticRegression()
    every = [value for value in vars(stats).values() if isinstance(value, (stats.rv_continuous, stats.rv_discrete))]
    uniform = stats.uniform(0, 1)
    seeded = stats.norm(0, 1)
    seeded.random_state = np.random.default_rng(1)
    depths = {"max_depth": stats.randint(1, 10), "min_samples_split": stats.randint(2, 11)}
    halving = selection.HalvingRandomSearchCV(DecisionTreeClassifier(), depths, n_candidates=4, min_resources=10)
    return {
        "every": every,
        "frozen": [stats.randint(1, 10), stats.loguniform(1e-3, 10), stats.norm(), stats.poisson(3), stats.levy_stable(1.5, 0)],
        "shared": [uniform, copy.deepcopy(uniform), uniform, ("a", (uniform,)), {"u": [uniform]}],
        "seeded": seeded,
        "of-arrays": stats.norm(loc=np.array([1.0, 2.0])),
        "made": [stats.rv_discrete(values=([1, 2], [0.5, 0.5])), stats.rv_histogram(np.histogram(X))],
        "random": selection.RandomizedSearchCV(line, {"C": stats.loguniform(1e-3, 10)}, n_iter=3).fit(X, CLASSES),
        "random-of-several": selection.RandomizedSearchCV(make_pipeline(StandardScaler(), line), [
            {"logisticregression__C": stats.uniform(0.1, 1)}, {"logisticregression__max_iter": [50, 100]},
        ], n_iter=4).fit(FRAME[["age", "income"]], CLASSES),
        "halving": halving.fit(X, CLASSES),
        "sampler": selection.ParameterSampler(depths, 3, random_state=np.random.RandomState(1)),
    }


def frames():
    arrow = [pyarrow.timestamp("us", "UTC"), pyarrow.decimal128(5, 2), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())]
    arrow += [pyarrow.list_(pyarrow.int64()), pyarrow.large_list(pyarrow.int64()), pyarrow.struct([("x", pyarrow.int64())])]
    values = [pd.Timestamp("2020", tz="UTC"), decimal.Decimal("1.5"), "a", [1], [1], {"x": 1}]
    names = "Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 boolean".split()
    missing = pd.DataFrame({name: pd.array([1, None], dtype=name) for name in names})
    labelled = FRAME.copy()
    labelled.attrs["unit"] = "m"
    return {
        "converted": [FRAME.convert_dtypes(), FRAME.convert_dtypes(dtype_backend="pyarrow"), missing, labelled, FRAME.describe()],
        "texts": [pd.Series(["a", None], dtype=pd.StringDtype(storage)) for storage in ("python", "pyarrow")],
        "arrow": [pd.Series([value], dtype=pd.ArrowDtype(kind)) for kind, value in zip(arrow, values)],
        "indexes": [
            pd.Index([1.0], dtype="Float64"),
            pd.Index([(1, 2)], tupleize_cols=False),
            pd.MultiIndex.from_tuples([(1, "a")], names=["x", "y"]),
            pd.CategoricalIndex(["a"]),
            pd.date_range("2020", periods=3, freq="D"),
            pd.date_range("2020", periods=3, tz="Europe/Zurich"),
            pd.TimedeltaIndex([pd.Timedelta(1)]),
            pd.PeriodIndex(["2020-01"], freq="M"),
            pd.IntervalIndex.from_breaks([0, 1]),
            pd.RangeIndex(3),
        ],
        "offsets": [getattr(pd.offsets, name)() for name in "Day Hour BDay MonthEnd QuarterEnd YearEnd Week SemiMonthEnd".split()],
        "scalars": [pd.Timestamp("2020").as_unit("s"), pd.Timedelta(1), pd.Period("2020-01"), pd.Interval(0, 1), pd.NaT, pd.NA],
        "arrays": [pd.array(np.ones(2), dtype="float64"), pd.arrays.SparseArray([0, 1]), pd.arrays.SparseArray([0, 1], kind="block")],
        "sparse": pd.DataFrame.sparse.from_spmatrix(sparse.eye(3)),
        "zone": pd.Series(pd.date_range("2020", periods=2, tz=datetime.timezone(datetime.timedelta(hours=2)))),
        "kinds": FRAME.dtypes,
    }


def of_scipy():
    kinds = [f"{name}_{kind}" for name in "csr csc coo lil dok dia bsr".split() for kind in ("matrix", "array")]
    x, y = [0, 1, 2, 3, 4], [0, 1, 4, 9, 16]
    splines = "CubicSpline PchipInterpolator Akima1DInterpolator UnivariateSpline InterpolatedUnivariateSpline".split()
    return {
        "sparse": [getattr(sparse, kind)(np.eye(4)) for kind in kinds],
        "lines": [interpolate.interp1d(x, y, kind=kind) for kind in ("linear", "nearest", "previous", "next", "quadratic")],
        "splines": [getattr(interpolate, name)(x, y) for name in splines],
        "surfaces": [interpolate.RectBivariateSpline(x, x, np.eye(5)), interpolate.RegularGridInterpolator((x, x), np.eye(5))],
        "points": [interpolate.NearestNDInterpolator(X[:, :2], TARGET), interpolate.RBFInterpolator(X[:, :2], TARGET)],
        "polynomials": [interpolate.BarycentricInterpolator(x, y), interpolate.KroghInterpolator(x, y)],
        "trees": [spatial.cKDTree(X), spatial.KDTree(X)],
        "optimum": scipy.optimize.minimize(lambda value: value[0] ** 2, [1.0]),
    }


PATHS = [pathlib.Path("/data/train.csv"), pathlib.PurePosixPath("a/b")]
STANDARD = [
    *(http.HTTPStatus.OK, re.IGNORECASE | re.MULTILINE, ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_interface("::1/64")),
    *(FileNotFoundError(2, "a"), UserWarning("a"), IndexError(), functools.partial(round, ndigits=1)),
]


def everything():
    """@returns values by the names of their folders."""
    groups = {"sklearn-around": estimators(), "numpy-around": arrays(), "pandas-around": frames(), "scipy-around": of_scipy(), "distributions": distributions()}
    return {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()} | {"python-around/paths": PATHS, "python-around/standard": STANDARD}
