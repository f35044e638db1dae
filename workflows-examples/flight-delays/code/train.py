"""Trains one model that says how likely a flight is to be more than 15 minutes late.

Reads DATA (a Parquet file, or a folder of them) and the parameters
  PARAM_MODEL                logistic-regression | gradient-boosting
  PARAM_USE_ORIGIN_DELAY     true | false: whether the model may see the delays at the origin
  PARAM_MIN_AIRPORT_FLIGHTS  airports with fewer flights than this are treated as unknown
Writes model.joblib and model.json into MODEL_DIR, and a flat JSON of metrics to METRICS_FILE.
"""

import json
import os
import time
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from features import Card, feature_names, matrix

SEED = 7


def choose_airports(flights: pd.DataFrame, min_flights: int) -> list[str]:
    """The airports with at least min_flights flights, counting both ends, in alphabetical order."""
    counts = pd.concat([flights["origin"], flights["destination"]]).value_counts()
    return sorted(counts[counts >= min_flights].index)


def make_model(card: Card):
    if card["model"] == "logistic-regression":
        return make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    if card["model"] == "gradient-boosting":
        categories = [name in ("origin", "destination") for name in card["features"]]
        return HistGradientBoostingClassifier(
            learning_rate=0.06,
            max_iter=80,
            max_leaf_nodes=15,
            min_samples_leaf=100,
            l2_regularization=10.0,
            categorical_features=categories,
            random_state=SEED,
        )
    raise SystemExit(
        f"PARAM_MODEL is {card['model']!r}; it must be logistic-regression or gradient-boosting"
    )


def main() -> None:
    started = time.monotonic()
    model_name = os.environ.get("PARAM_MODEL", "logistic-regression")
    use_origin_delay = os.environ.get("PARAM_USE_ORIGIN_DELAY", "true") == "true"
    min_airport_flights = int(os.environ.get("PARAM_MIN_AIRPORT_FLIGHTS", "1"))

    flights = pd.read_parquet(os.environ["DATA"])
    card: Card = {
        "model": model_name,
        "features": feature_names(model_name, use_origin_delay),
        "airports": choose_airports(flights, min_airport_flights),
        "rows": len(flights),
    }
    print(f"{len(flights):,} flights, {len(card['airports'])} airports, features {', '.join(card['features'])}")

    rows, late = matrix(flights, card), flights["late"].to_numpy()
    model = make_model(card).fit(rows, late)
    scores = model.predict_proba(rows)[:, 1]
    metrics = {
        "train_roc_auc": round(float(roc_auc_score(late, scores)), 6),
        "train_log_loss": round(float(log_loss(late, scores)), 6),
        "train_rows": len(flights),
        "fit_seconds": round(time.monotonic() - started, 3),
    }
    print(", ".join(f"{name} {value}" for name, value in metrics.items()))

    folder = Path(os.environ["MODEL_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.joblib", compress=3)
    (folder / "model.json").write_text(json.dumps(card, indent=2) + "\n")
    if "METRICS_FILE" in os.environ:
        Path(os.environ["METRICS_FILE"]).write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
