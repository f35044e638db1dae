"""
Saves small files in each way that the libraries at hand have, one beside the other: seeds of the fuzzing of the safety
scan. The one argument is the folder; what cannot be imported is left out.
"""

import bz2
import gzip
import importlib
import io
import json
import lzma
import os
import pickle
import sys
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from datetime import datetime
from fractions import Fraction

folder = sys.argv[1]
os.environ["KERAS_BACKEND"] = "numpy"
PLAIN = {
    "numbers": [1, 2.5, -3, 2**70],
    "texts": ("a", "größe", b"bytes"),
    "set": {1, 2},
    "none": None,
    "ordered": OrderedDict(a=Fraction(1, 3), b=datetime(2026, 1, 1)),
    "complex": 1 + 2j,
    "array": bytearray(b"123"),
}


def place(name):
    return os.path.join(folder, name)


def write(name, content):
    with open(place(name), "wb") as file:
        file.write(content)


def save(name, value):
    for protocol in range(6):
        write(f"{name}-{protocol}.pkl", pickle.dumps(value, protocol))


def archives():
    content = pickle.dumps(PLAIN)
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=form) as archive:
            for name in ("model.pkl", "folder/größe.txt", "/".join(["long"] * 40)):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        write(f"tar-{form}", file.getvalue())
    for compression in (0, 8):
        for wide in (False, True):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w", compression) as archive:
                for name in ("model.pkl", "größe.txt"):
                    with archive.open(name, "w", force_zip64=wide) as member:
                        member.write(content)
                archive.comment = b"a comment"
            write(f"zip-{compression}-{wide}", file.getvalue())
    write("gzip", gzip.compress(content))
    write("zlib", zlib.compress(content))
    write("bzip2", bz2.compress(content) + bz2.compress(b"second"))
    write("xz", lzma.compress(content))
    write("xz-none", lzma.compress(content, check=lzma.CHECK_NONE))
    write("lzma", lzma.compress(content, lzma.FORMAT_ALONE))
    write("joblib-before-0.10", b"ZF" + hex(len(content)).ljust(19).encode() + zlib.compress(content))


def numbers():
    numpy = importlib.import_module("numpy")
    structured = numpy.zeros(3, dtype=[("a", "<f4"), ("b", "S5", (2,))])
    arrays = {
        "floats": numpy.arange(12.0).reshape(3, 4),
        "structured": structured,
        "objects": numpy.array([1, "a", None], dtype=object),
        "times": numpy.array(["2026-01-01"], dtype="datetime64[s]"),
    }
    for name, array in arrays.items():
        numpy.save(place(f"{name}.npy"), array)
        save(name, array)
    for version in ((2, 0), (3, 0)):
        with open(place(f"version-{version[0]}.npy"), "wb") as file:
            numpy.lib.format.write_array(file, arrays["floats"], version=version)
    numpy.savez(place("arrays.npz"), **arrays)
    numpy.savez_compressed(place("compressed.npz"), **arrays)


def joblib():
    module, numpy = importlib.import_module("joblib"), importlib.import_module("numpy")
    value = {"weights": numpy.arange(6.0), "names": numpy.array(["a", "b"], dtype=object), "more": numpy.eye(2)}
    module.dump(value, place("plain.joblib"))
    for method in ("zlib", "gzip", "bz2", "lzma", "xz", "lz4"):
        try:
            module.dump(value, place(f"{method}.joblib"), compress=(method, 3))
        except Exception:
            continue


def sklearn():
    linear = importlib.import_module("sklearn.linear_model")
    tree = importlib.import_module("sklearn.tree")
    x, y = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 5.0]], [0, 1, 0, 1]
    save("logistic", linear.LogisticRegression().fit(x, y))
    save("tree", tree.DecisionTreeClassifier().fit(x, y))
    pandas = importlib.import_module("pandas")
    save("frame", pandas.DataFrame({"a": [1, 2], "b": pd_times(pandas), "c": pandas.Categorical(["x", "y"])}))


def pd_times(pandas):
    return pandas.date_range("2026-01-01", periods=2, tz="Europe/Zurich")


def torch():
    module = importlib.import_module("torch")
    state = module.nn.Linear(2, 2).state_dict()
    module.save(state, place("zip.pt"))
    module.save(state, place("legacy.pt"), _use_new_zipfile_serialization=False)
    module.jit.script(module.nn.Linear(2, 2)).save(place("script.pt"))


def hdf5():
    h5py = importlib.import_module("h5py")
    with h5py.File(place("groups.h5"), "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}})
        file.create_group("weights").create_dataset("kernel", data=[1.0, 2.0])
        file["soft"] = h5py.SoftLink("/weights")
        file["outside"] = h5py.ExternalLink("other.h5", "/there")


def keras():
    module = importlib.import_module("keras")
    model = module.Sequential([module.layers.Input((2,)), module.layers.Dense(1)])
    model.save(place("model.keras"))
    model.save(place("model.h5"))


def catboost():
    module = importlib.import_module("catboost")
    model = module.CatBoostClassifier(iterations=2, depth=2, verbose=False, allow_writing_files=False)
    model.fit([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 5.0]], [0, 1, 0, 1])
    model.save_model(place("model.cbm"))


save("plain", PLAIN)
for part in (archives, numbers, joblib, sklearn, torch, hdf5, keras, catboost):
    try:
        part()
    except Exception as problem:
        print(f"{part.__name__}: {problem}"[:200], file=sys.stderr)
