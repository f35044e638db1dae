/** Confusion matrices on the page: a table per model, shaded by the share of the true label. */
import type { Confusion } from '../../records/evaluation.ts';
import { type ConfusionCell, commonMistakes, confusionCells, isWhole } from '../evaluation/confusion.ts';
import { changeText } from '../evaluation/sentences.ts';
import { formatNumber, formatShare } from '../numbers.ts';
import { type Html, html, htmlTable } from './html.ts';

export function confusionTables(confusion: Confusion): Html {
  if (!isWhole(confusion)) return mistakeTable(confusion);
  const sides = [...(confusion.champion ? (['champion'] as const) : []), 'challenger' as const];
  return html`<p>Rows by true label and by what the models said, with their share of the true label${confusion.champion ? ' and the change' : ''}; ✓ is right.</p><div class="matrices">${sides.map((side) => matrix(confusion, side))}</div>`;
}

function matrix(confusion: Confusion, side: 'champion' | 'challenger'): Html {
  const body = confusionCells(confusion).map(
    (cells, row) =>
      html`<tr><th scope="row">${confusion.labels[row]!}</th>${cells.map((cell) => matrixCell(cell, side))}</tr>\n`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Confusion of the ${side}"><table class="matrix ${side}"><caption>Confusion of the <span class="${side}">${side}</span></caption>
<thead><tr><th scope="col">true label</th>${confusion.labels.map((label) => html`<th scope="col" class="number">said ${label}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

function matrixCell(cell: ConfusionCell, side: 'champion' | 'challenger'): Html {
  const rows = side === 'champion' ? cell.champion : cell.challenger;
  const share = side === 'champion' ? cell.championShare : cell.challengerShare;
  const change =
    side === 'challenger' && cell.champion !== null
      ? html`<br><span class="soft">${changeText(cell.champion, cell.challenger)}</span>`
      : undefined;
  // Five steps are as many as an eye tells apart.
  const shade = share === null ? 0 : Math.min(5, Math.ceil(share * 5));
  const sign = cell.isRight ? html`<span class="soft">✓</span> ` : undefined;
  return html`<td class="number shade${shade}">${sign}${formatNumber(rows)}<br>${formatShare(share)}${change}</td>`;
}

function mistakeTable(confusion: Confusion): Html {
  const rows = commonMistakes(confusion).map((cell) => [
    cell.truth,
    cell.predicted,
    formatNumber(cell.champion),
    formatNumber(cell.challenger),
    changeText(cell.champion, cell.challenger),
  ]);
  return htmlTable(
    'The most frequent mistakes of either model',
    ['true label', 'taken for', 'champion, rows', 'challenger, rows', 'change'],
    rows,
    [2, 3, 4],
  );
}
