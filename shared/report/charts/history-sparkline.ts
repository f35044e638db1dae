/** A number of this run after those of earlier runs, with the band that they let expect; small enough for a table cell. */
import type { CheckHistory } from '../../records/data-validation.ts';
import { type Html, html } from '../page/html.ts';
import { at, type ChartTools, significant } from './chart.ts';

const WIDTH = 132;
const HEIGHT = 30;
/** Room for the mark of this run. */
const EDGE = 4;

export function historySparkline(tools: ChartTools, history: CheckHistory): Html {
  const { earlier, value, expected, lower, upper } = history;
  const values = [...earlier.map((run) => run.value), value];
  const drawn = [...values, expected, ...[lower, upper].filter((limit) => limit !== null)];
  const [low, high] = [Math.min(...drawn), Math.max(...drawn)];
  const x = tools.linear([0, values.length - 1], [EDGE, WIDTH - EDGE]);
  // Of numbers that are all the same the line is in the middle.
  const y = tools.linear(low === high ? [low - 1, high + 1] : [low, high], [HEIGHT - EDGE, EDGE]);
  const top = upper === null ? 0 : y(upper);
  const bottom = lower === null ? HEIGHT : y(lower);
  const isExpected = (lower === null || value >= lower) && (upper === null || value <= upper);
  const id = tools.nextId();
  const line = tools.line(values.map((number, index) => [x(index), y(number)]));
  const limits = `${lower === null ? 'no lower limit' : `lower limit ${significant(lower)}`}, ${upper === null ? 'no upper limit' : `upper limit ${significant(upper)}`}`;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${significant(value)} after ${earlier.length} earlier runs</title><desc id="${id}-desc">Expected ${significant(expected)}, ${limits}</desc><path class="band" d="M0 ${at(top)}H${WIDTH}V${at(bottom)}H0Z"/><path class="plain line" d="${line}"/><circle class="${isExpected ? 'plain' : 'bad'} fill" cx="${at(x(values.length - 1))}" cy="${at(y(value))}" r="3"/></svg>`;
}
