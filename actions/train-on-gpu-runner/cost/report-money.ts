import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { type Inline, table } from '../../../shared/report/markdown.ts';
import { moneyRows } from '../../../shared/report/training/money.ts';

/** What it cost and what was saved or wasted of it; empty where neither money nor energy is known. */
export function moneyTable(record: Pick<TrainingRun, 'cost' | 'energy'>): Inline {
  const rows = moneyRows(record);
  return rows.length === 0 ? '' : table(['money and energy', ''], rows);
}
