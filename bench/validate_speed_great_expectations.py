"""The checks of validate-speed-checks.ts in Great Expectations on a CSV file; prints what they found as JSON.

Usage: validate_speed_great_expectations.py DATA
"""

import json
import sys

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

TYPES = {
    "id": "int64",
    "customer": "int64",
    "created_at": "datetime64[ns]",
    "due_on": "datetime64[ns]",
    "amount": "float64",
    "balance": "float64",
    "score": "float64",
    "temperature": "float64",
    "latitude": "float64",
    "longitude": "float64",
    "distance": "float64",
    "age": "float64",
    "quantity": "int64",
    "seconds": "int64",
    "is_member": "bool",
    "plan": "str",
    "country": "str",
    "product": "str",
    "email": "str",
    "remark": "str",
}

checks = [gxe.ExpectColumnValuesToBeOfType(column=name, type_=type_) for name, type_ in TYPES.items()]
checks += [gxe.ExpectColumnValuesToNotBeNull(column=name) for name in ("customer", "amount", "score", "product", "email")]
checks += [gxe.ExpectColumnValuesToNotBeNull(column=name, mostly=0.95) for name in ("balance", "age", "country")]
checks += [gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low) for name, low in (("amount", 0), ("age", 18))]
checks += [
    gxe.ExpectColumnValuesToBeBetween(column=name, max_value=high)
    for name, high in (("score", 4), ("temperature", 40), ("latitude", 90), ("seconds", 86399))
]
checks += [
    gxe.ExpectColumnValuesToBeUnique(column="id"),
    gxe.ExpectTableRowCountToBeBetween(min_value=9000, max_value=11_000_000),
    gxe.ExpectCompoundColumnsToBeUnique(column_list=["customer", "created_at"]),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="age", column_B="quantity", or_equal=True, ignore_row_if="either_value_is_missing"
    ),
    gxe.ExpectColumnMeanToBeBetween(column="amount", min_value=50, max_value=150),
    gxe.ExpectColumnMedianToBeBetween(column="age", min_value=20, max_value=80),
    gxe.ExpectColumnUniqueValueCountToBeBetween(column="product", min_value=900, max_value=1100),
    gxe.ExpectColumnValuesToBeInSet(column="plan", value_set=["free", "basic", "team", "business", "enterprise"]),
    gxe.ExpectColumnValuesToMatchRegex(column="product", regex="^SKU-[0-9]{5}$"),
    gxe.ExpectColumnValuesToMatchRegex(column="email", regex="^[a-z0-9]+@example[.]org$"),
    gxe.ExpectColumnValueLengthsToBeBetween(column="remark", max_value=38),
]

context = gx.get_context(mode="ephemeral")
data = pd.read_csv(sys.argv[1], parse_dates=["created_at", "due_on"])
batch = context.data_sources.add_pandas("pandas").add_dataframe_asset("data").add_batch_definition_whole_dataframe("all")
suite = gx.ExpectationSuite(name="speed", expectations=checks)
results = batch.get_batch({"dataframe": data}).validate(suite).results
raised = [r.expectation_config.type for r in results if "'raised_exception': True" in str(r.exception_info)]
broken = [r for r in results if not r.success]
print(
    json.dumps(
        {
            "version": gx.__version__,
            "checks": len(results),
            "raised": raised,
            "failing": sorted(r.result.get("unexpected_count", -1) for r in broken),
        }
    )
)
