"""Prints as JSON the names that an installed tool has, each with the parameters it takes: argv[1] is the tool."""
import contextlib
import inspect
import json
import sys


def great_expectations():
    import great_expectations.expectations as expectations
    from great_expectations.expectations.registry import get_expectation_impl, list_registered_expectation_implementations

    names = {name: list(get_expectation_impl(name).__fields__) for name in list_registered_expectation_implementations()}
    return names | {name: [] for name in dir(expectations) if name.endswith("Expectation")}


def pandera():
    import pandera.pandas as pa

    schema, column = (list(inspect.signature(of).parameters) for of in (pa.DataFrameSchema, pa.Column))
    checks = {f"Check.{name}": [] for name in dir(pa.Check) if not name.startswith("_")}
    return checks | {"DataFrameSchema": schema, "Column": column}


def frictionless():
    from frictionless import Schema, errors

    types = {getattr(one, "type", None): [] for one in vars(errors).values() if inspect.isclass(one)}
    fields = Schema.from_descriptor({"fields": [{"name": "n", "type": "number"}, {"name": "s", "type": "string"}]}).fields
    constraints = {name: [] for field in fields for name in field.supported_constraints}
    return {name: [] for name in types if name} | constraints | {"format": []}


def evidently():
    import evidently.descriptors
    import evidently.legacy.calculations.stattests  # noqa: F401, which registers them
    import evidently.metrics
    from evidently.legacy.calculations.stattests.registry import _registered_stat_tests

    return {name: [] for name in [*_registered_stat_tests, *dir(evidently.descriptors), *dir(evidently.metrics)]}


def nannyml():
    import nannyml
    from nannyml.drift.univariate.methods import MethodFactory

    return {name: [] for name in [*MethodFactory.registry, *dir(nannyml)]}


with contextlib.redirect_stdout(sys.stderr):
    names = globals()[sys.argv[1]]()
json.dump(names, sys.stdout)
