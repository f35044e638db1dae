"""evidently's drift preset on two CSV files, its report saved; prints its version.

Usage: drift_speed_evidently.py REFERENCE DATA HTML
"""

import sys

import evidently
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

CATEGORIES = ["is_member", "plan", "country", "product", "email"]
# Times and free text are left out: the latter would take it far longer.
OTHERS = ["id", "created_at", "due_on", "remark"]

reference, data = (pd.read_csv(path).drop(columns=OTHERS) for path in sys.argv[1:3])
definition = DataDefinition(
    numerical_columns=[name for name in reference.columns if name not in CATEGORIES],
    categorical_columns=CATEGORIES,
)
sets = [Dataset.from_pandas(side, data_definition=definition) for side in (data, reference)]
Report([DataDriftPreset()]).run(*sets).save_html(sys.argv[3])
print(evidently.__version__)
