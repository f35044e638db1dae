"""Forecasts and limits by statsmodels and scipy, for history-statsmodels.test.ts."""
import json
import sys
import warnings

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.tsa.holtwinters import ExponentialSmoothing

warnings.simplefilter("ignore")


def design(steps, period):
    """A line and a height for each place of the period."""
    return np.column_stack([steps + 1.0] + [(steps % period == place).astype(float) for place in range(period)])


def model(series, period, level, trend, season):
    return ExponentialSmoothing(
        series,
        trend="add",
        seasonal="add",
        seasonal_periods=period,
        initialization_method="known",
        initial_level=level,
        initial_trend=trend,
        initial_seasonal=season,
    )


def fixed(series, period, smoothing, states):
    """The model with everything given: its one-step errors and its forecast."""
    alpha = smoothing["level"]
    fit = model(series, period, 0.0, states[0], states[1:]).fit(
        smoothing_level=alpha,
        smoothing_trend=smoothing["trend"],
        smoothing_seasonal=smoothing["season"] * (1 - alpha),
        optimized=False,
    )
    return np.asarray(series) - fit.fittedvalues, float(fit.forecast(1)[0])


def linear_parts(series, period, smoothing):
    """Errors and forecast are linear in the first states: their values for none, and for each alone."""
    zero = np.zeros(period + 1)
    errors, forecast = fixed(series, period, smoothing, zero)
    columns, nexts = [], []
    for state in range(period + 1):
        unit = zero.copy()
        unit[state] = 1.0
        e, f = fixed(series, period, smoothing, unit)
        columns.append(errors - e)
        nexts.append(f - forecast)
    return errors, np.column_stack(columns), forecast, np.array(nexts)


def states(case):
    errors, x, forecast, nexts = linear_parts(case["series"], case["period"], case["smoothing"])
    best = np.linalg.lstsq(x, errors, rcond=1e-9)[0]
    e, f = fixed(case["series"], case["period"], case["smoothing"], best)
    return {"forecast": f, "squares": float(e @ e)}


def regression(case):
    period = case["period"]
    observed = [(step, value) for step, value in enumerate(case["series"]) if value is not None]
    steps, values = np.array([step for step, _ in observed]), np.array([value for _, value in observed])
    fit = sm.OLS(values, design(steps, period)).fit()
    row = design(np.array([len(case["series"])]), period)
    prediction = fit.get_prediction(row)
    leverage = float((row @ fit.normalized_cov_params @ row.T)[0, 0])
    return {"forecast": float(prediction.predicted_mean[0]), "squares": float(fit.ssr), "leverage": leverage}


def search(case):
    series, period = np.array(case["series"]), case["period"]
    found = [
        ExponentialSmoothing(
            series, trend="add", seasonal="add", seasonal_periods=period, initialization_method="estimated"
        ).fit(method=method)
        for method in ("L-BFGS-B", "SLSQP")
    ]
    return {"least": float(min(fit.sse for fit in found))}


def usual(case):
    series = np.array(case["series"])
    k = len(series)
    reach = stats.t.ppf(0.99865, k - 1) * series.std(ddof=1) * np.sqrt(1 + 1 / k)
    return {"lower": float(series.mean() - reach), "upper": float(series.mean() + reach)}


def change(case):
    """Around the mean, by shares of its size or by amounts."""
    mean = np.mean(case["series"])
    unit = abs(mean) if case["isRelative"] else 1.0
    return {"lower": float(mean - case["maxDecrease"] * unit), "upper": float(mean + case["maxIncrease"] * unit)}


def season(case):
    """With the smoothing that was found here; states, spread and leverage by numpy over statsmodels' errors."""
    smoothing = case["fit"]["smoothing"]
    errors, x, forecast, nexts = linear_parts(case["series"], case["period"], smoothing)
    best = np.linalg.lstsq(x, errors, rcond=None)[0]
    rest = errors - x @ best
    degrees = len(errors) - (case["period"] + 1) - 3
    leverage = nexts @ np.linalg.pinv(x.T @ x) @ nexts
    expected = forecast + nexts @ best
    reach = stats.t.ppf(0.99865, degrees) * np.sqrt((rest @ rest) / degrees * (1 + leverage))
    return {"lower": float(expected - reach), "upper": float(expected + reach)}


ANSWERS = {"states": states, "regression": regression, "search": search, "usual": usual, "change": change, "season": season}
json.dump([ANSWERS[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
