"""What a service would have logged from 29 January on: each flight as the model saw it, with the score it
gave. The labels, which come later, are a file of their own.

    MODEL_DIR=… python weeks.py DATA_FOLDER OUTPUT_FOLDER

reference.parquet  eight weeks from 29 January
spring.parquet     ten weeks from 2 April, as they were
faulty.parquet     three weeks from 11 June, with a fault in the job that makes the features
labels.parquet     flight_id and late, of all of them
"""

import json
import os
import sys
from pathlib import Path

import joblib
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "code"))
from features import matrix  # noqa: E402

WEEKS = {
    "reference": ("2001-01-29", "2001-03-26"),
    "spring": ("2001-04-02", "2001-06-11"),
    "faulty": ("2001-06-11", "2001-07-01"),
}


def break_feature_job(flights: pd.DataFrame) -> pd.DataFrame:
    """The new feature job formats hours with %I instead of %H (a 12-hour clock), sorts by origin and that hour,
    and pastes origin_delay beside the flights by position: every value is a real one, but it belongs to
    another flight."""
    broken = flights.sort_values(["date", "flight_id"]).reset_index(drop=True)
    broken["hour"] = (broken["hour"] % 12).where(broken["hour"] % 12 != 0, 12).astype("int32")
    other_order = broken.sort_values(["origin", "hour", "flight_id"], kind="stable")
    broken["origin_delay"] = other_order["origin_delay"].to_numpy()
    return broken


def main() -> None:
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    folder = Path(os.environ["MODEL_DIR"])
    card = json.loads((folder / "model.json").read_text())
    model = joblib.load(folder / "model.joblib")

    months = ["2001-01-gate", *(f"2001-{month:02}" for month in range(2, 7))]
    flights = pd.concat([pd.read_parquet(data / f"{month}.parquet") for month in months], ignore_index=True)
    flights = flights[flights["date"] >= WEEKS["reference"][0]]
    flights[["flight_id", "late"]].to_parquet(output / "labels.parquet", index=False)
    for name, (start, end) in WEEKS.items():
        seen = flights[(flights["date"] >= start) & (flights["date"] < end)].drop(columns="late")
        if name == "faulty":
            seen = break_feature_job(seen)
        scored = seen.assign(score=model.predict_proba(matrix(seen, card))[:, 1])
        scored.to_parquet(output / f"{name}.parquet", index=False)


if __name__ == "__main__":
    main()
