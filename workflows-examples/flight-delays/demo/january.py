"""What the demo needs before there is a model: a damaged copy of January, and a file of live requests.

    python january.py DATA_FOLDER OUTPUT_FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

REQUESTS = 4_000


def damage(january: pd.DataFrame) -> pd.DataFrame:
    """Four accidents that happen to real tables, each in rows of its own."""
    damaged = january.reset_index(drop=True)
    chance = np.random.default_rng(1)
    order = chance.permutation(len(damaged))
    without_hour, unknown_airport, twice = order[:700], order[700:760], order[760:1_010]
    damaged["hour"] = damaged["hour"].astype("Int32")
    damaged.loc[without_hour, "hour"] = pd.NA
    damaged.loc[unknown_airport, "origin"] = "ZZZ"
    in_metres = damaged["date"].dt.day == 17
    damaged.loc[in_metres, "distance"] = (damaged.loc[in_metres, "distance"] * 1609.344).round().astype("int32")
    return pd.concat([damaged, damaged.iloc[twice]], ignore_index=True)


def write_requests(flights: pd.DataFrame, path: Path) -> None:
    """One request a line, as the airline's app would send it: one flight, and nothing that is known later."""
    chosen = flights.sample(REQUESTS, random_state=28).drop(columns=["flight_id", "date", "late"])
    with path.open("w") as file:
        for flight in chosen.to_dict("records"):
            if pd.isna(flight["origin_delay"]):
                flight["origin_delay"] = None
            file.write(json.dumps({"dataframe_records": [flight]}) + "\n")


def main() -> None:
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    january = pd.concat(
        [pd.read_parquet(data / f"2001-01-{part}.parquet") for part in ("train", "gate")], ignore_index=True
    )
    damage(january).to_parquet(output / "2001-01-damaged.parquet", index=False)
    write_requests(pd.read_parquet(data / "2001-02.parquet"), output / "traffic.jsonl")


if __name__ == "__main__":
    main()
