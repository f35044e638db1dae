/** Metrics over the steps of a training, as a table of curves. */
import type { MetricValue } from '../../../shared/records/metric-value.ts';
import type { MetricHistory } from '../../../shared/records/training-run.ts';
import { code, type Inline, joinMarkdown, type Markdown, table } from '../../../shared/report/markdown.ts';
import { formatNumber } from '../../../shared/report/numbers.ts';
import { sparkline } from '../../../shared/report/sparkline.ts';
import { isLossLike } from './loss-warnings.ts';
import { shortNumber } from './progress-line.ts';

/** Characters of a metric's curve. */
const CURVE = 24;
/** The rest is in the record. */
const MOST_METRICS = 20;

/** Losses first: now, the least and the most, and the curve. */
export function curvesTable(history: MetricHistory): Markdown {
  const names = Object.keys(history).toSorted((a, b) => Number(isLossLike(b)) - Number(isLossLike(a)));
  const rows = names.slice(0, MOST_METRICS).map((name) => metricRow(name, history[name]!));
  const curves = table(['metric', 'last', 'least', 'most', 'over the steps'], rows, [
    'left',
    'right',
    'right',
    'right',
  ]);
  const more = names.length - MOST_METRICS;
  return more > 0 ? joinMarkdown([curves, `And ${formatNumber(more)} more metrics.`], '\n\n') : curves;
}

function metricRow(name: string, { values }: MetricHistory[string]): Inline[] {
  const numbers = values.filter((value) => typeof value === 'number');
  const shown = (value: MetricValue | undefined) =>
    value === undefined ? '–' : typeof value === 'number' ? shortNumber(value) : `⚠️ ${value}`;
  const least = numbers.length > 0 ? numbers.reduce((a, b) => Math.min(a, b)) : undefined;
  const most = numbers.length > 0 ? numbers.reduce((a, b) => Math.max(a, b)) : undefined;
  return [code(name), shown(values.at(-1)), shown(least), shown(most), sparkline(condensed(values))];
}

/** The mean of each stretch; a stretch with a value that is no number is missing. */
function condensed(values: readonly MetricValue[]): (number | null)[] {
  const count = Math.min(CURVE, values.length);
  return Array.from({ length: count }, (_, index) => {
    const part = values.slice(
      Math.floor((index * values.length) / count),
      Math.floor(((index + 1) * values.length) / count),
    );
    const numbers = part.filter((value) => typeof value === 'number');
    return numbers.length < part.length
      ? null
      : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  });
}
