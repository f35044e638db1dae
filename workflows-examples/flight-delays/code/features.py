"""What the model sees of a flight. Training, batch prediction and the server all build it here, so that
they cannot disagree."""

from typing import TypedDict

import numpy as np

NUMBERS = ["hour", "distance"]


class Card(TypedDict):
    """The model card, `model.json` beside `model.joblib`."""

    model: str
    features: list[str]
    airports: list[str]
    rows: int


def feature_names(model: str, use_origin_delay: bool) -> list[str]:
    """The columns of the matrix, in order. Only gradient boosting takes airports, as categories."""
    names = [*NUMBERS, "origin_delay"] if use_origin_delay else [*NUMBERS]
    return [*names, "origin", "destination"] if model == "gradient-boosting" else names


def airport_codes(airports: list[str]) -> dict[str, float]:
    """The number that stands for each airport that training saw."""
    return {airport: float(position) for position, airport in enumerate(airports)}


def matrix(flights, card: Card) -> np.ndarray:
    """A data frame of flights as floats, one row per flight. An airport that training never saw, and a
    missing origin_delay, are NaN, which the models take as "unknown"."""
    codes = airport_codes(card["airports"])
    columns = [
        flights[name].map(codes) if name in ("origin", "destination") else flights[name]
        for name in card["features"]
    ]
    return np.column_stack([column.to_numpy(dtype=float, na_value=np.nan) for column in columns])
