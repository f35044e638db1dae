/** System health in the report. Pure. */
import type {
  SystemHealth,
  SystemLimit,
  SystemMeasureResult,
} from '../../../shared/records/system-health.ts';
import {
  blocks,
  code,
  formatDuration,
  formatShare,
  type Inline,
  list,
  type Markdown,
  md,
  table,
} from '../../../shared/report/markdown.ts';
import type { ReportSection } from '../../../shared/report/section.ts';
import { shortNumber, withUnit } from './sentences.ts';

/** Rows of the table that is not folded. */
const SHOWN = 8;

function limitText(measure: SystemMeasureResult, { kind, given, limit, status }: SystemLimit): string {
  const sign = kind === 'max' || kind === 'max_increase' ? '≤' : '≥';
  const against = kind.includes('_')
    ? ` (past ${kind === 'max_increase' ? '+' : '−'} ${formatShare(given, Number.isInteger(given * 100) ? 0 : 1)})`
    : '';
  return status === 'not_judged' && limit === null
    ? `not known${against}`
    : `${sign} ${withUnit(limit, measure)}${against}`;
}

function statusText({ status }: SystemMeasureResult, onBreach: SystemHealth['onBreach']): string {
  if (status === 'beyond') return `${onBreach === 'fail' ? '❌' : '⚠️'}\u00a0beyond`;
  if (status === 'within') return '✅\u00a0within';
  return status === 'missing' ? '–\u00a0missing' : '–\u00a0not judged';
}

function pastText({ past }: SystemMeasureResult): string {
  if (past?.mean == null) return '–';
  return `${shortNumber(past.mean)} ± ${shortNumber(past.deviation)} (${past.windows})`;
}

function systemTable(measures: readonly SystemMeasureResult[], system: SystemHealth): Markdown {
  const rows = measures.map((measure): Inline[] => [
    code(measure.name),
    `${withUnit(measure.value, measure)} (${measure.statistic})`,
    pastText(measure),
    measure.limits.map((limit) => limitText(measure, limit)).join('; '),
    statusText(measure, system.onBreach),
    [
      measure.steps.valued < measure.steps.expected
        ? `${measure.steps.valued} of ${measure.steps.expected} steps have a value`
        : '',
      measure.note,
    ]
      .filter((part) => part !== '')
      .join('; '),
  ]);
  return table(['system measure', 'now', 'earlier windows', 'limit', 'verdict', 'remark'], rows, [
    'left',
    'right',
    'right',
    'left',
    'left',
    'left',
  ]);
}

/** The measures that are not within their limits; nothing where all are. */
export function systemSummary(system: SystemHealth | undefined): Inline {
  const wrong = system?.measures.filter(({ status }) => status !== 'within') ?? [];
  if (!system || wrong.length === 0) return '';
  return blocks(
    systemTable(wrong.slice(0, SHOWN), system),
    wrong.length > SHOWN ? `${wrong.length - SHOWN} more system measures below.` : '',
  );
}

/** Every measure, what was asked and when; nothing where the policy has no such section. */
export function systemDetails(system: SystemHealth | undefined): ReportSection['details'] {
  if (!system) return [];
  const within = system.measures.filter(({ status }) => status === 'within').length;
  const { start, end } = system.window;
  const moment = (time: string) => time.slice(0, 16).replace('T', ' ');
  const season = system.measures.some(({ past }) => past !== null)
    ? ` Earlier windows are as long and lie ${formatDuration(system.seasonSeconds)} apart.`
    : '';
  const sentence =
    `, from ${moment(start)} to ${moment(end)} UTC in steps of ${formatDuration(system.stepSeconds)}.` +
    `${season} A retrain does not mend a server, so none of this asks for one.`;
  return [
    {
      title: `System health · ${within} of ${system.measures.length} measures within limits`,
      body: blocks(
        md`${code(system.source)}${sentence}`,
        systemTable(system.measures, system),
        list(system.measures.map(({ name, query }) => md`${code(name)}: ${code(query)}`)),
      ),
    },
  ];
}
