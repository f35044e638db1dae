"""
The names that CPython itself would import from each pickle of a folder, by an unpickler whose `find_class` only notes them:
standard input is `[{"folder": …}]`, standard output `[{file: [module.name, …]}]`. Nothing is imported, nothing is called.
"""

import _compat_pickle
import json
import os
import pickle
import sys


class Anything:
    """Stands for every class and function: can be made, called, and given any state."""

    def __new__(cls, *given, **named):
        return super().__new__(cls)

    def __init__(self, *given, **named):
        pass

    def __setstate__(self, state):
        pass

    def __call__(self, *given, **named):
        return Anything()

    def __hash__(self):
        return id(self)

    def __setitem__(self, key, value):
        pass

    def append(self, value):
        pass

    def extend(self, values):
        pass


class Recorder(pickle.Unpickler):
    def __init__(self, stream, seen):
        super().__init__(stream)
        self.seen = seen

    def find_class(self, module, name):
        self.seen.append(f"{module}.{name}")
        # What CPython looks for instead, up to protocol 2.
        mapped = _compat_pickle.NAME_MAPPING.get((module, name), (_compat_pickle.IMPORT_MAPPING.get(module, module), name))
        self.seen.append(".".join(mapped))
        return Anything

    def persistent_load(self, id):
        return Anything()


def reached(path):
    """One pickle after the other, as loaders read them, up to the first that fails."""
    seen = []
    with open(path, "rb") as stream:
        size = os.path.getsize(path)
        while stream.tell() < size:
            try:
                Recorder(stream, seen).load()
            except Exception:
                break
    return sorted(set(seen))


folder = json.load(sys.stdin)[0]["folder"]
files = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
json.dump([{os.path.relpath(path, folder): reached(path) for path in sorted(files)}], sys.stdout)
