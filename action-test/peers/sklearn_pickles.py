"""
Pickles every estimator of scikit-learn, fitted where that is easy: as the test reads them, or as the list of what their
pickles import, which `shared/models/scan/pickle/allow/scikit-learn.ts` holds: `python sklearn_pickles.py --list`.
"""

import collections
import inspect
import io
import json
import pickle
import sys
import warnings

import joblib
import numpy as np
import sklearn
import sklearn._loss._loss
import sklearn._loss.link
import sklearn._loss.loss
import sklearn.feature_selection
import sklearn.gaussian_process.kernels
import sklearn.linear_model._sgd_fast
import sklearn.metrics
import sklearn.metrics._dist_metrics
import sklearn.metrics.pairwise
import sklearn.model_selection
import sklearn.neighbors
from sklearn.datasets import make_classification
from sklearn.utils import all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances
from sklearn.utils._testing import set_random_state

warnings.filterwarnings("ignore")
X, y = make_classification(60, 6, random_state=0)
DATA = [
    (X, y),
    (abs(X), y),
    (X, X[:, :2]),
    (X, X[:, 0]),
    (X[:, 0], y),
    (["a b", "b c", "c a"] * 20, y),
    ([{"a": 1, "b": "x"}, {"a": 2}] * 30, y),
    (np.array([["a", "b"]] * 30 + [["c", "d"]] * 30), y),
    (np.array(["a", "b", "c"] * 20), None),
    ([["a"], ["b"]] * 30, None),
    (X, (X[:, :2] > 0).astype(int)),
]


def fitted(estimator):
    set_random_state(estimator)
    for features, labels in DATA:
        try:
            return estimator.fit(features, labels)
        except Exception:
            pass
    return estimator


def estimators():
    for name, of in all_estimators():
        try:
            instances = list(_construct_instances(of))[:4]
        except BaseException:
            continue
        for instance in instances:
            yield name, fitted(instance)


class Recording(pickle._Unpickler):
    seen = collections.defaultdict(set)

    def find_class(self, module, name):
        self.seen[module].add(name)
        return super().find_class(module, name)


# What estimators hold that is not reached above: losses, kernels, distances, trees of neighbours, splitters, scores.
MODULES = [
    sklearn._loss._loss,
    sklearn._loss.link,
    sklearn._loss.loss,
    sklearn.gaussian_process.kernels,
    sklearn.linear_model._sgd_fast,
    sklearn.metrics,
    sklearn.metrics._dist_metrics,
    sklearn.metrics.pairwise,
    sklearn.model_selection,
    sklearn.feature_selection,
    sklearn.neighbors,
]


def listed():
    names = collections.defaultdict(set)
    for _, estimator in estimators():
        for protocol in range(6):
            Recording(io.BytesIO(pickle.dumps(estimator, protocol))).load()
    for module, seen in Recording.seen.items():
        if module.startswith("sklearn."):
            names[module] |= seen
    for _, of in all_estimators():
        names[of.__module__].add(of.__name__)
    for module in MODULES:
        for name, of in vars(module).items():
            home = getattr(of, "__module__", None)
            if not isinstance(home, str) or not home.startswith("sklearn."):
                continue
            is_class = inspect.isclass(of) and not issubclass(of, BaseException)
            is_score = module in MODULES[5:10] and callable(of) and not name.startswith("_")
            if is_class or is_score:
                names[home].add(of.__name__)
    for name in ["accuracy", "f1", "neg_log_loss", "roc_auc"]:
        scorer = sklearn.metrics.get_scorer(name)
        names[type(scorer).__module__].add(type(scorer).__name__)
    return {module: sorted(of) for module, of in sorted(names.items())}


if sys.argv[1:] == ["--list"]:
    print(json.dumps({"version": sklearn.__version__, "names": listed()}))
else:
    json.load(sys.stdin)
    answers = []
    for name, estimator in estimators():
        stream = io.BytesIO()
        joblib.dump(estimator, stream)
        for kind, data in [(f"protocol {p}", pickle.dumps(estimator, p)) for p in range(6)] + [("joblib", stream.getvalue())]:
            answers.append({"name": f"{name}, {kind}", "data": data.hex()})
    print(json.dumps(answers))
