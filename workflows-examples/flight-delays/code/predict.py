"""Scores every flight in DATA with the model in MODEL_DIR and writes PREDICTIONS, a CSV file with the header
id,y_true,y_pred,y_score (y_true only when the label is there)."""

import json
import os
from pathlib import Path

import joblib
import pandas as pd

from features import matrix

# A flight is called late from this probability on. About a fifth of all flights are late, so that a
# half would hardly ever be reached.
THRESHOLD = 0.25


def main() -> None:
    folder = Path(os.environ["MODEL_DIR"])
    card = json.loads((folder / "model.json").read_text())
    model = joblib.load(folder / "model.joblib")
    flights = pd.read_parquet(os.environ["DATA"])
    scores = model.predict_proba(matrix(flights, card))[:, 1]

    predictions = pd.DataFrame({"id": flights["flight_id"]})
    if "late" in flights:
        predictions["y_true"] = flights["late"]
    predictions["y_pred"] = (scores >= THRESHOLD).astype(int)
    predictions["y_score"] = scores
    predictions.to_csv(os.environ["PREDICTIONS"], index=False)
    print(f"{len(flights):,} flights scored, {predictions['y_pred'].mean():.1%} called late")


if __name__ == "__main__":
    main()
