/** What columns show together, as folded parts of the report. Pure. */
import type { DriftCheck, DriftCorrelations, DriftMultivariate } from '../../shared/records/drift-check.ts';
import {
  blocks,
  code,
  formatNumber,
  formatSigned,
  type Markdown,
  md,
  table,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';

/** Whether it counts: what decides has a verdict of its own. */
function meaning(part: { decides: boolean }): string {
  return part.decides ? 'The policy makes this a reason.' : 'This is information and decides nothing.';
}

const rowsOf = ({ reference, data }: { reference: number; data: number }): string =>
  `${formatNumber(data)} rows of the data and ${formatNumber(reference)} of the reference`;

function multivariateBody(part: DriftMultivariate): Markdown {
  if (part.auc === null) return md`Not judged: ${part.note}.`;
  const { interval, pValue } = part;
  const p = pValue! < 0.001 ? '< 0.001' : formatNumber(pValue, 3);
  const sentence =
    `A classifier tells ${rowsOf(part.rows)} apart with an AUC of ${formatNumber(part.auc, 3)} (95 %: ` +
    `${formatNumber(interval!.low, 3)} to ${formatNumber(interval!.high, 3)}; 0.5 is chance; p ${p}), and from ` +
    `${formatNumber(part.minAuc, 2)} on it counts. ${meaning(part)}`;
  return blocks(
    md`${sentence}`,
    part.columns.length === 0
      ? ''
      : table(
          ['column', 'AUC without it', 'by itself'],
          part.columns.map(({ name, importance, drifts }) => [
            code(name),
            formatSigned(-importance, 3),
            drifts ? 'drifts' : 'steady',
          ]),
          ['left', 'right', 'left'],
        ),
  );
}

function correlationsBody(part: DriftCorrelations): Markdown {
  if (part.status === 'not_judged') return md`Not judged: ${part.note}.`;
  const left =
    part.columnsLeftOut > 0 ? ` ${formatNumber(part.columnsLeftOut)} more columns were left out.` : '';
  const shown = part.largest.filter(({ changed }) => changed);
  const sentence =
    `Spearman’s correlation of ${formatNumber(part.pairs)} pairs of numeric columns, in ${rowsOf(part.rows)}: ` +
    `${formatNumber(part.changed)} changed by ${formatNumber(part.minDifference, 2)} or more and beyond chance.` +
    `${left} ${meaning(part)}`;
  return blocks(
    md`${sentence}`,
    shown.length === 0
      ? ''
      : table(
          ['columns', 'before', 'now', 'difference'],
          shown.map(({ columns, reference, data }) => [
            md`${code(columns[0])} with ${code(columns[1])}`,
            formatSigned(reference, 3),
            formatSigned(data, 3),
            formatSigned(data - reference, 3),
          ]),
          ['left', 'right', 'right', 'right'],
        ),
  );
}

/** Nothing where neither was looked at. */
export function togetherDetails({ multivariate, correlations }: DriftCheck): ReportSection['details'] {
  const details: ReportSection['details'] = [];
  if (multivariate) {
    const told = { drifts: 'told apart', steady: 'not told apart', not_judged: 'not judged' };
    const auc = multivariate.auc === null ? '' : ` · AUC ${formatNumber(multivariate.auc, 3)}`;
    const title = `All columns together${auc}, ${told[multivariate.status]}`;
    details.push({ title, body: multivariateBody(multivariate) });
  }
  if (correlations && correlations.pairs > 0) {
    const title = `Correlations · ${formatNumber(correlations.changed)} of ${formatNumber(correlations.pairs)} pairs changed`;
    details.push({ title, body: correlationsBody(correlations) });
  } else if (correlations?.decides) {
    details.push({ title: 'Correlations · not judged', body: correlationsBody(correlations) });
  }
  return details;
}
