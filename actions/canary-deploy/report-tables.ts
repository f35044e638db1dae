/** The tables of a report: one row per step and arm, and one per look. */
import type { Deployment, Look } from '../../shared/records/deployment.ts';
import { blocks, type Inline, type Markdown, table } from '../../shared/report/markdown.ts';
import { formatDuration, formatNumber, formatShare } from '../../shared/report/numbers.ts';
import { eValue, shortNumber } from './engine/wording.ts';

/** At most this many looks are listed; the record holds all. */
const LOOKS_SHOWN = 60;

interface StepLooks {
  step: number;
  weight: number;
  looks: Look[];
}

function groupSteps(looks: readonly Look[]): StepLooks[] {
  const steps = new Map<number, StepLooks>();
  for (const look of looks) {
    const found = steps.get(look.step) ?? { step: look.step, weight: look.weight, looks: [] };
    found.looks.push(look);
    steps.set(look.step, found);
  }
  return [...steps.values()];
}

/** What was seen in each step. */
export function stepTable(looks: readonly Look[]): Markdown {
  const steps = groupSteps(looks);
  const header = [
    'step',
    'weight',
    'time',
    'arm',
    'requests',
    'errors',
    'highest p95, ms',
    'e-value: worse',
    'e-value: not worse',
  ];
  const rows = steps.flatMap(({ step, weight, looks }): Inline[][] => {
    const last = looks.at(-1)!;
    const seconds =
      looks.reduce((sum, look) => sum + Date.parse(look.endedAt) - Date.parse(look.startedAt), 0) / 1000;
    const judged = step >= 0;
    const name = judged ? String(step + 1) : 'measuring';
    const champion = ['', '', '', 'champion', ...armCells(looks, 'champion'), '', ''];
    const split = last.mirrored ? 'copies' : `${shortNumber(weight)} %`;
    if (!judged) return [[name, split, formatDuration(seconds), ...champion.slice(3)]];
    return [
      [
        name,
        split,
        formatDuration(seconds),
        'challenger',
        ...armCells(looks, 'challenger'),
        eValue(worstEvidence(last)),
        eValue(promotionEvidence(last)),
      ],
      ...(weight < 100 ? [champion] : []),
    ];
  });
  return table(header, rows, ['left', 'right', 'right', 'left', 'right', 'right', 'right', 'right', 'right']);
}

function armCells(looks: readonly Look[], arm: 'champion' | 'challenger'): string[] {
  const requests = looks.reduce((sum, look) => sum + look[arm].requests, 0);
  const errors = looks.reduce((sum, look) => sum + look[arm].errors, 0);
  const slowest = Math.max(...looks.map((look) => look[arm].p95 ?? Number.NEGATIVE_INFINITY));
  const share = requests > 0 ? ` (${formatShare(errors / requests, 2)})` : '';
  return [formatNumber(requests), `${formatNumber(errors)}${share}`, formatNumber(slowest, 1)];
}

/** The largest of the log e-values that may roll back. */
function worstEvidence({ logE }: Look): number {
  return Math.max(
    logE.rollbackErrors,
    logE.rollbackLatency ?? Number.NEGATIVE_INFINITY,
    logE.rollbackPredictions ?? Number.NEGATIVE_INFINITY,
    logE.ceiling ?? Number.NEGATIVE_INFINITY,
    logE.slowCeiling ?? Number.NEGATIVE_INFINITY,
  );
}

/** The smallest over the metrics of what speaks for a promotion. */
function promotionEvidence({ logE }: Look): number {
  const either = (...values: (number | null)[]) =>
    Math.max(...values.map((value) => value ?? Number.NEGATIVE_INFINITY));
  const errors = logE.promoteBelowCeiling ?? either(logE.promoteErrors, logE.promoteClean);
  const isTimed = logE.promoteLatency !== null || logE.promoteFastEnough !== null;
  const latency = logE.promoteFastEnough ?? either(logE.promoteLatency, logE.promoteFast);
  return isTimed ? Math.min(errors, latency) : errors;
}

/** What was seen in each look. */
export function lookTable(record: Deployment): Markdown {
  const shown = record.looks.slice(-LOOKS_SHOWN);
  const latency = record.slowerThanMs !== null;
  const predictions = shown.some(({ logE }) => logE.rollbackPredictions !== null);
  const cells = (arm: Look['champion']) => [
    formatNumber(arm.requests),
    formatNumber(arm.errors),
    ...(latency ? [formatNumber(arm.slow)] : []),
  ];
  const columns = ['requests', 'errors', ...(latency ? ['slow'] : [])];
  const header = [
    'ended',
    'weight',
    ...columns.map((name) => `challenger ${name}`),
    ...columns.map((name) => `champion ${name}`),
    'e: more errors',
    ...(latency ? ['e: slower'] : []),
    ...(predictions ? ['e: other predictions'] : []),
    'e: not worse',
  ];
  const rows = shown.map((look) => [
    look.endedAt.slice(11, 19),
    look.mirrored ? 'copies' : `${shortNumber(look.weight)} %`,
    ...cells(look.challenger),
    ...cells(look.champion),
    eValue(look.logE.rollbackErrors),
    ...(latency ? [eValue(look.logE.rollbackLatency ?? Number.NaN)] : []),
    ...(predictions ? [eValue(look.logE.rollbackPredictions ?? Number.NaN)] : []),
    eValue(promotionEvidence(look)),
  ]);
  const hidden = record.looks.length - shown.length;
  return blocks(
    hidden > 0 ? `The last ${LOOKS_SHOWN}; ${hidden} earlier ones are in the record.` : '',
    table(
      header,
      rows,
      header.map((_, column) => (column === 0 ? 'left' : 'right')),
    ),
  );
}
