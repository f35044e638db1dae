/** The metrics of forecasts, beside those of predicted numbers. */
import {
  pinballLoss,
  scaledError,
  symmetricPercentageError,
  weightedPercentageError,
} from './forecasting.ts';
import type { Entry } from './metric-definition.ts';

export const FORECASTING: Entry[] = [
  [
    'smape',
    'lower',
    'numbers',
    'paired mean',
    'mean of 2·|y − p| / (|y| + |p|), from 0 to 2 as in the M4 competition (there in percent); utilsforecast’s smape is half of it',
    symmetricPercentageError,
    ['sMAPE', 'SMAPE', 'symmetric_mean_absolute_percentage_error'],
  ],
  [
    'mase',
    'lower',
    'numbers',
    'paired mean',
    'Hyndman & Koehler 2006, over all rows: |y − p| / the mean |y(t) − y(t − season)| of the series in training',
    scaledError,
    ['MASE', 'mean_absolute_scaled_error'],
  ],
  [
    'wape',
    'lower',
    'numbers',
    'delta method',
    'Σ|y − p| / Σ|y| over all rows (utilsforecast’s wape is of one series)',
    weightedPercentageError,
    ['WAPE', 'weighted_absolute_percentage_error'],
  ],
  [
    'mean_pinball_loss',
    'lower',
    'numbers',
    'paired mean',
    'mean_pinball_loss(alpha=quantile)',
    pinballLoss,
    ['pinball_loss', 'quantile_loss'],
    { parameters: ['quantile'], required: ['quantile'] },
  ],
];
