"""What Great Expectations itself says of suites on tables, and whether it can read a result that is given to it."""

import json
import logging
import sys
import warnings

import great_expectations as gx
import pandas as pd
from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
from great_expectations.expectations.registry import get_expectation_impl

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def answer(result):
    """Success, the number of unexpected values where there is one, and whether it could not be judged at all."""
    found = result.result or {}
    return {
        "success": bool(result.success),
        "unexpected": found.get("unexpected_count"),
        "raised": bool(result.exception_info.get("raised_exception", bool(result.exception_info) and not found)),
    }


def judge(batch, expectation):
    made = get_expectation_impl(expectation["type"])(**expectation["kwargs"])
    return answer(batch.validate(made, result_format="COMPLETE"))


def main():
    asked = json.load(sys.stdin)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_pandas("tables")
    answers = []
    for index, table in enumerate(asked["tables"]):
        # Null is the empty cell alone, as here.
        frame = pd.read_csv(table["csv"], keep_default_na=False, na_values=[""])
        asset = source.add_dataframe_asset(f"table {index}")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        answers.append([judge(batch, expectation) for expectation in table["expectations"]])
    results = [expectationSuiteValidationResultSchema.load(json.loads(text)) for text in asked["results"]]
    read = [
        {
            "success": result["success"] if isinstance(result, dict) else result.success,
            "results": len(result["results"] if isinstance(result, dict) else result.results),
        }
        for result in results
    ]
    json.dump({"tables": answers, "results": read}, sys.stdout)


main()
