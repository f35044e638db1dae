"""
What CPython's unpicklers import of a stream: the one in C and the one in Python, with a `find_class` that only notes the
name and hands out a harmless stand-in. Asked for a corpus, it gives ordinary and evil pickles of every protocol; the evil
ones are only ever written and taken apart, never loaded.
"""

import base64
import collections
import datetime
import fractions
import io
import json
import os
import pickle
import pickletools
import resource
import sys
import warnings

import joblib
import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


class StandIn:
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self

    def __setstate__(self, state):
        pass

    def nothing(self, *args):
        pass

    append = extend = add = update = __setitem__ = nothing


def recording(base):
    class Recording(base):
        def __init__(self, file):
            super().__init__(file)
            self.seen = []

        def find_class(self, module, name):
            self.seen.append([module, name])
            return StandIn

    return Recording


class Calls:
    def __init__(self, function, *args):
        self.how = function, args

    def __reduce__(self):
        return self.how


def ordinary():
    return [
        {"a": [1, 2.5, None, True, "text", b"bytes"], "b": (1, (2, 3)), "c": {1, 2}, "d": frozenset("x")},
        [2**70, -1, 3000, 70000, "\u20ac", 1 + 2j],
        collections.OrderedDict(a=1, b=collections.Counter("aab")),
        [fractions.Fraction(1, 3), datetime.datetime(2026, 1, 2), datetime.timedelta(1)],
        np.arange(6.0).reshape(2, 3),
        np.array(["a", None, 2], dtype=object),
        np.float32(1.5),
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        [np.dtype("f8"), np.random.RandomState(0)][:1],
    ]


def evil():
    return [
        Calls(os.system, "true"),
        [Calls(eval, "1 + 1"), {"x": Calls(os.system, "true")}],
        Calls(__import__, "os"),
        Calls(getattr, collections.Counter, "fromkeys"),
        Calls(pickle.loads, pickle.dumps(Calls(os.system, "true"))),
    ]


BY_HAND = [
    b"cos\nsystem\n(S'true'\ntR.",
    b"(S'true'\nios\nsystem\n.",
    b"(cos\nsystem\nS'true'\no.",
    b"\x80\x04\x8c\x05numpy\x8c\x09os.system\x93\x8c\x04true\x85R.",
    b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x04true\x85R.",
    b"\x80\x02V\\u006fs\nVsys\\x74em\n\x93.",
    b"\x80\x04S'o\\x73'\nS'\\163ystem'\n\x93X\x04\x00\x00\x00true\x85R.",
    b"]p0\n(Vos\np1\nVsystem\np2\nlg1\ng2\n\x93.",
    b"(S'os'\nS'system'\n2(1\x93.",
    b"\x80\x02c__builtin__\neval\nU\x05print\x85R0citertools\nizip\n.",
    b"\x80\x04U\x02osU\x06systemT\x03\x00\x00\x00abc0\x93N\x85R}b.",
    b"(dp0\nS'x'\np1\n(lp2\nI1\naL2L\naF1.5\nas.",
    b"\x80\x02\x8a\x01\x05K\x01M\x01\x00J\x01\x00\x00\x00N\x88\x89\x87\x860.",
    b"cos\nsystem\nq\xff0j\xff\x00\x00\x00(X\x01\x00\x00\x00xtR.",
    b"\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00ab\x8f(K\x01\x90\x94(\x91.",
    b"\x82\x01\x83\x01\x00\x84\x01\x00\x00\x00Pid\n.",
]


def corpus():
    streams = list(BY_HAND)
    for value in ordinary() + evil():
        for protocol in range(6):
            streams.append(pickle.dumps(value, protocol))
        streams.append(pickletools.optimize(pickle.dumps(value, 4)))
    for value in ordinary()[4:7]:
        stream = io.BytesIO()
        joblib.dump(value, stream)
        streams.append(stream.getvalue())
    return [stream.hex() for stream in streams]


def imports(stream):
    seen = []
    for base in [pickle.Unpickler, pickle._Unpickler]:
        unpickler = recording(base)(io.BytesIO(stream))
        try:
            unpickler.load()
        except BaseException:
            pass
        seen += unpickler.seen
    return seen


def names(stream):
    """Opcodes that `pickletools` reads before it stops."""
    read = 0
    try:
        for _ in pickletools.genops(stream):
            read += 1
        return [read, True]
    except BaseException:
        return [read, False]


cases = json.load(sys.stdin)
if cases == [{}]:
    print(json.dumps(corpus()))
else:
    # A memo with a place in the billions would take as much memory.
    with open("/proc/self/statm", encoding="ascii") as statm:
        most = int(statm.read().split()[0]) * resource.getpagesize() + (64 << 20)
    # CPython itself writes there what it finds odd about broken byte arrays.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    streams = [base64.b64decode(case["data"]) for case in cases]
    print(json.dumps([{"imports": imports(stream), "opcodes": names(stream)} for stream in streams]))
