"""What scikit-learn says of predicted numbers, and utilsforecast of forecasts, in the catalogue's names."""

import numpy as np
import pandas as pd
from class_metrics import floats, number, weights
from sklearn import metrics as m
from utilsforecast import losses

REGRESSION = {
    "r2": m.r2_score,
    "explained_variance": m.explained_variance_score,
    "max_error": lambda y, p, sample_weight: m.max_error(y, p),
    "mean_absolute_error": m.mean_absolute_error,
    "mean_squared_error": m.mean_squared_error,
    "root_mean_squared_error": m.root_mean_squared_error,
    "mean_squared_log_error": m.mean_squared_log_error,
    "root_mean_squared_log_error": m.root_mean_squared_log_error,
    "median_absolute_error": m.median_absolute_error,
    "mean_absolute_percentage_error": m.mean_absolute_percentage_error,
    "mean_poisson_deviance": m.mean_poisson_deviance,
    "mean_gamma_deviance": m.mean_gamma_deviance,
}


def regression(case):
    truth, predicted, weight = floats(case["truth"]), floats(case["predicted"]), weights(case)
    return {name: number(lambda: f(truth, predicted, sample_weight=weight)) for name, f in REGRESSION.items()}


def by_definition(case):
    """Weighted as the other metrics are."""
    truth, predicted, weight = floats(case["truth"]), floats(case["predicted"]), weights(case)
    error, size = np.abs(truth - predicted), np.abs(truth) + np.abs(predicted)
    scale = np.array([np.abs(np.diff(series)).mean() for series in case["training"]])[case["groups"]] if len(truth) else truth
    with np.errstate(all="ignore"):
        values = {
            "smape": number(lambda: np.average(np.where(size == 0, 0, 2 * error / size), weights=weight)),
            "mase": number(lambda: np.average(error / scale, weights=weight)),
            "wape": number(lambda: np.average(error, weights=weight) / np.average(np.abs(truth), weights=weight)),
        }
    given = {"sample_weight": weight, "alpha": case["quantile"]}
    values["mean_pinball_loss"] = number(lambda: m.mean_pinball_loss(truth, predicted, **given))
    return regression(case) | values


def forecasting(case):
    """utilsforecast knows no weights: with weights by the definition."""
    truth, predicted = floats(case["truth"]), floats(case["predicted"])
    if case["weight"] is not None or len(truth) == 0 or not np.isfinite(predicted).all():
        return by_definition(case)
    return by_definition(case) | by_utilsforecast(case, truth, predicted)


def by_utilsforecast(case, truth, predicted):
    """Its metrics are of one series; MASE over all rows is the mean of the series' by their rows."""
    series = np.array(case["groups"])
    frame = pd.DataFrame({"unique_id": series, "ds": np.arange(len(series)) + 1000, "y": truth, "model": predicted})
    history = pd.concat([pd.DataFrame({"unique_id": at, "ds": np.arange(len(values)), "y": np.array(values, dtype=float)})
                         for at, values in enumerate(case["training"])])
    together = frame.assign(unique_id=0)
    rows = np.bincount(series, minlength=len(case["training"]))
    scaled = losses.mase(frame, ["model"], seasonality=1, train_df=history).set_index("unique_id")["model"]
    return {
        "smape": number(lambda: 2 * losses.smape(together, ["model"])["model"].iloc[0]),
        "wape": number(lambda: losses.wape(together, ["model"])["model"].iloc[0]),
        "mase": number(lambda: np.average(scaled, weights=rows[scaled.index])),
    }


def scores(case):
    return {"score": number(lambda: np.average(floats(case["predicted"]), weights=weights(case)))}
