"""The last three weeks as they were, and as five faults of the jobs before the model would have made them.

    MODEL_DIR=… python faults.py DATA_FOLDER OUTPUT_FOLDER

reference.parquet  eight weeks from 29 January, as weeks.py writes them
labels.parquet     flight_id and late, of all flights; known-labels.parquet those of the reference alone
as-they-were.parquet and one file for each fault
                   three weeks from 11 June with the model's scores
"""

import json
import os
import sys
from pathlib import Path

import joblib
import pandas as pd

import weeks

KILOMETRES_PER_MILE = 1.609344


def wrong_join(flights: pd.DataFrame) -> pd.DataFrame:
    """One half of the demo's fault: origin_delay is pasted beside the flights in another order, by origin and hour."""
    ordered = flights.sort_values(["date", "flight_id"]).reset_index(drop=True)
    other_order = ordered.sort_values(["origin", "hour", "flight_id"], kind="stable")
    return ordered.assign(origin_delay=other_order["origin_delay"].to_numpy())


def feed_of_the_day_before(flights: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """The feed of delays is a day late: each flight gets what was measured at its origin in the same hour of the
    day before. Every value is a real one, of the right airport and the right time of day."""
    known = pd.concat([earlier, flights])
    keys = ["origin", "day", "hour"]
    known = known.assign(day=known["date"].dt.normalize())
    measured = known.groupby(keys)["origin_delay"].mean().round(1).rename("stale")
    day_before = flights.assign(day=flights["date"].dt.normalize() - pd.Timedelta(days=1))
    stale = day_before.join(measured, on=keys)["stale"]
    return flights.assign(origin_delay=stale)


def distance_in_kilometres(flights: pd.DataFrame) -> pd.DataFrame:
    """A new source of distances counts kilometres where the old one counted miles."""
    return flights.assign(distance=(flights["distance"] * KILOMETRES_PER_MILE).round().astype("int32"))


def without_late_reports(flights: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """The job that collects flights closes its day too early: half of the flights that are late have not reported
    by then and are dropped."""
    late = labels.reindex(flights["flight_id"]).to_numpy() == 1
    dropped = late & (flights["flight_id"].to_numpy() % 2 == 0)
    return flights[~dropped]


def main() -> None:
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    weeks.main()
    labels = pd.read_parquet(output / "labels.parquet").set_index("flight_id")["late"]
    folder = Path(os.environ["MODEL_DIR"])
    card = json.loads((folder / "model.json").read_text())
    model = joblib.load(folder / "model.joblib")

    start, end = weeks.WEEKS["faulty"]
    before = pd.read_parquet(output / "reference.parquet", columns=["flight_id"])["flight_id"]
    known = pd.DataFrame({"flight_id": before, "late": labels.reindex(before).to_numpy()})
    known.to_parquet(output / "known-labels.parquet", index=False)

    june = pd.read_parquet(data / "2001-06.parquet").drop(columns="late")
    seen = june[(june["date"] >= start) & (june["date"] < end)]
    cases = {
        "as-they-were": seen,
        "feature-job": weeks.break_feature_job(seen),
        "wrong-join": wrong_join(seen),
        "stale-feed": feed_of_the_day_before(seen, june[june["date"] < start]),
        "other-unit": distance_in_kilometres(seen),
        "upstream-filter": without_late_reports(seen, labels),
    }
    for name, flights in cases.items():
        scored = flights.assign(score=model.predict_proba(weeks.matrix(flights, card))[:, 1])
        scored.to_parquet(output / f"{name}.parquet", index=False)


if __name__ == "__main__":
    main()
