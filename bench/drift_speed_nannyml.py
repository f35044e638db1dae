"""NannyML's univariate drift on two CSV files, by its default methods; prints its version.

Usage: drift_speed_nannyml.py REFERENCE DATA
"""

import sys

import nannyml
import pandas as pd

CATEGORIES = ["is_member", "plan", "country", "product", "email"]
# As for evidently.
OTHERS = ["id", "created_at", "due_on", "remark"]

reference, data = (pd.read_csv(path).drop(columns=OTHERS) for path in sys.argv[1:3])
calculator = nannyml.UnivariateDriftCalculator(
    column_names=list(reference.columns), treat_as_categorical=CATEGORIES, chunk_number=10
)
calculator.fit(reference)
calculator.calculate(data).to_df()
print(nannyml.__version__)
