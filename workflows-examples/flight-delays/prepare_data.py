"""Makes data/*.parquet: a 10 % sample of real US flights of January to June 2001.

The files are committed, so nobody needs to run this to use the example. To make them again:

    npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz
    python -m venv venv && venv/bin/pip install pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
    venv/bin/python prepare_data.py package/data/flights-3m.parquet data

The source has five columns (date, delay, distance, origin, destination), three million rows and no key.
What this script adds is described in data/README.md.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SAMPLE_SHARE = 0.1
SEED = 2001
LATE_AFTER_MINUTES = 15
# First day, first day no longer in it.
FILES = {
    "2001-01-train": ("2001-01-01", "2001-01-22"),
    "2001-01-gate": ("2001-01-22", "2001-02-01"),
    "2001-02": ("2001-02-01", "2001-03-01"),
    "2001-03": ("2001-03-01", "2001-04-01"),
    "2001-04": ("2001-04-01", "2001-05-01"),
    "2001-05": ("2001-05-01", "2001-06-01"),
    "2001-06": ("2001-06-01", "2001-07-01"),
}


def mean_delay_two_to_three_hours_before(flights: pd.DataFrame) -> pd.Series:
    """For each flight: the mean delay (minutes) of all flights that left the same origin in the hour that
    ended two hours before it. Missing where there was none. Only what was known by then is used, which is
    why it is not the last hour: those flights were still in the air."""
    result = pd.Series(np.nan, index=flights.index)
    minutes = flights["date"].to_numpy().astype("datetime64[m]").astype(np.int64)
    for _, rows in flights.groupby("origin", sort=False).indices.items():
        left_at = minutes[rows]  # ascending, because the table is sorted by date
        running_total = np.concatenate([[0.0], np.cumsum(flights["delay"].to_numpy()[rows])])
        first = np.searchsorted(left_at, left_at - 180, side="left")
        end = np.searchsorted(left_at, left_at - 120, side="left")
        count = end - first
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (running_total[end] - running_total[first]) / count
        result.iloc[rows] = np.where(count > 0, mean, np.nan)
    return result.round(1)


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    flights = pd.read_parquet(source)
    # A total order, so that the minted key does not depend on how the source happens to be sorted.
    flights = flights.sort_values(["date", "origin", "destination", "distance", "delay"], kind="stable")
    flights = flights.reset_index(drop=True)
    flights["flight_id"] = np.arange(1, len(flights) + 1)
    flights["origin_delay"] = mean_delay_two_to_three_hours_before(flights)

    chosen = np.random.default_rng(SEED).random(len(flights)) < SAMPLE_SHARE
    sample = flights[chosen]
    table = pd.DataFrame(
        {
            "flight_id": sample["flight_id"].astype("int32"),
            "date": sample["date"].astype("datetime64[ms]"),
            "origin": sample["origin"],
            "destination": sample["destination"],
            "distance": sample["distance"].astype("int32"),
            "hour": sample["date"].dt.hour.astype("int32"),
            "origin_delay": sample["origin_delay"].astype("float64"),
            "late": (sample["delay"] > LATE_AFTER_MINUTES).astype("int32"),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, (start, end) in FILES.items():
        rows = table[(table["date"] >= start) & (table["date"] < end)]
        path = folder / f"{name}.parquet"
        pq.write_table(
            pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None),
            path,
            compression="zstd",
            compression_level=19,
            use_dictionary=["origin", "destination", "distance", "hour", "weekday", "origin_delay", "late"],
            column_encoding={"flight_id": "DELTA_BINARY_PACKED", "date": "DELTA_BINARY_PACKED"},
        )
        print(f"{path}: {len(rows):,} flights, {path.stat().st_size / 1024:,.0f} KB")


if __name__ == "__main__":
    main()
