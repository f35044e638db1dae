"""The checks of validate-speed-checks.ts in pandera on a CSV file; prints what they found as JSON.

Usage: validate_speed_pandera.py DATA
"""

import json
import sys

import pandas as pd
import pandera
import pandera.pandas as pa
from pandera import Check, Column

few_nulls = Check(lambda values: values.isna().mean() < 0.05, ignore_na=False)
time = "datetime64[ns]"
schema = pa.DataFrameSchema(
    {
        "id": Column(int, unique=True),
        "customer": Column(int),
        "created_at": Column(time, nullable=True),
        "due_on": Column(time, nullable=True),
        "amount": Column(float, [Check.ge(0), Check(lambda values: 50 <= values.mean() <= 150)]),
        "balance": Column(float, few_nulls, nullable=True),
        "score": Column(float, Check.le(4)),
        "temperature": Column(float, Check.le(40), nullable=True),
        "latitude": Column(float, Check.le(90), nullable=True),
        "longitude": Column(float, nullable=True),
        "distance": Column(float, nullable=True),
        "age": Column(
            float, [Check.ge(18), few_nulls, Check(lambda values: 20 <= values.median() <= 80)], nullable=True
        ),
        "quantity": Column(int, nullable=True),
        "seconds": Column(int, Check.le(86399), nullable=True),
        "is_member": Column(object, nullable=True),
        "plan": Column(str, Check.isin(["free", "basic", "team", "business", "enterprise"]), nullable=True),
        "country": Column(str, few_nulls, nullable=True),
        "product": Column(
            str, [Check.str_matches("^SKU-[0-9]{5}$"), Check(lambda values: 900 <= values.nunique() <= 1100)]
        ),
        "email": Column(str, Check.str_matches("^[a-z0-9]+@example[.]org$")),
        "remark": Column(str, Check.str_length(max_value=38), nullable=True),
    },
    checks=[
        Check(lambda table: 9000 <= len(table) <= 11_000_000),
        Check(lambda table: ~(table["age"] < table["quantity"]), ignore_na=False),
    ],
    unique=["customer", "created_at"],
)

data = pd.read_csv(sys.argv[1], parse_dates=["created_at", "due_on"])
failing = {}
try:
    schema.validate(data, lazy=True)
except pa.errors.SchemaErrors as errors:
    cases = errors.failure_cases
    # A check over the whole table names every column of a failing row.
    failing = cases.groupby("check")["index"].nunique().to_dict()
print(json.dumps({"version": pandera.__version__, "failing": failing}))
