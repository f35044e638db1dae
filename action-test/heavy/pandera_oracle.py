"""What pandera itself says of schemas on tables, and how it writes them; its checks that are built in."""

import json
import sys
import warnings

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors, SchemaWarning

NAMES = {
    "coerce_dtype": "dtype",
    "not_nullable": "nullable",
    "field_uniqueness": "unique",
    "multiple_fields_uniqueness": "unique",
    "column_in_dataframe": "missing",
    "column_in_schema": "strict",
    "column_ordered": "ordered",
}


def named(case):
    """`in_range` of `in_range(2, 7)`; of the type only what could not be converted, which is said twice."""
    name = case["check"].split("(")[0]
    if name == "dtype":
        return None
    name = NAMES.get(name, name)
    raised = isinstance(case["failure_case"], str) and "Error(" in case["failure_case"]
    return f"{name} could not be asked: {case['failure_case']}" if raised else name


def judge(schema, path):
    """By column and check the number of values that break it, and what it warns of."""
    # Null is the empty cell alone, as here.
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    broken = {}
    passed = True
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            passed = False
            cases = errors.failure_cases.to_dict("records")
            for case in cases:
                name = named(case)
                if name == "unique" and case["schema_context"] == "DataFrameSchema":
                    # It lists each value of a row, null left out.
                    broken[name] = len({one["index"] for one in cases if one["check"] == case["check"]})
                elif name:
                    key = f"{case['column']} {name}" if case["schema_context"] == "Column" else name
                    broken[key] = broken.get(key, 0) + 1
    warned = [str(one.message) for one in said if issubclass(one.category, SchemaWarning)]
    return {"passed": passed, "broken": broken, "warned": warned}


def main():
    asked = json.load(sys.stdin)
    schemas = [pa.DataFrameSchema.from_yaml(text) for text in asked["schemas"]]
    answer = {
        "judged": [[judge(schema, path) for path in asked["tables"]] for schema in schemas],
        "written": [[schema.to_yaml(), schema.to_yaml(minimal=False), schema.to_json()] for schema in schemas],
        "checks": sorted(pa.Check.CHECK_FUNCTION_REGISTRY),
    }
    json.dump(answer, sys.stdout)


main()
