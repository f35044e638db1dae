import type { Deployment, Look } from '../../shared/records/deployment.ts';
import {
  blocks,
  bold,
  code,
  type Inline,
  list,
  type Markdown,
  md,
  table,
} from '../../shared/report/markdown.ts';
import { formatDuration, formatNumber, formatShare, shortDigest } from '../../shared/report/numbers.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { eValue, shortNumber } from './engine/wording.ts';

const HEADINGS: Record<Deployment['outcome'], string> = {
  promoted: 'the challenger was promoted and serves',
  'rolled-back': 'rolled back, the champion serves on',
  held: 'held, the evidence cannot tell yet',
  stopped: 'stopped, nothing serves',
  rolling: 'under way, a later run goes on',
  paused: 'waits for a person to go on',
  refused: 'refused, nothing was changed',
  replayed: 'computed once more',
  settled: 'nothing is left half done',
};

/** At most this many looks are listed; the record holds all. */
const LOOKS_SHOWN = 60;

/** The section of a Deployment: one sentence why, one row per step, and everything else folded. */
export function report(record: Deployment): ReportSection {
  const steps = groupSteps(record.looks);
  return {
    action: 'canary-deploy',
    name: record.name,
    verdict: record.verdict,
    cell: record.outcome.replace('-', ' '),
    heading: headingOf(record),
    summary: blocks(bold(record.reason), steps.length > 0 ? stepTable(steps) : ''),
    details: [
      ...(record.events.length > 0
        ? [{ title: `What happened · ${record.events.length}`, body: eventList(record) }]
        : []),
      ...(record.looks.length > 0
        ? [{ title: `Every look · ${record.looks.length}`, body: lookTable(record) }]
        : []),
      ...(record.limits ? [{ title: 'How it is decided', body: explanation(record, record.limits) }] : []),
    ],
    footer: footerOf(record),
  };
}

function headingOf(record: Deployment): string {
  if (record.outcome === 'promoted' && !record.alias?.moved && record.looks.length === 0)
    return 'the champion serves';
  if (record.outcome === 'promoted' && !record.champion) return 'first deployment, the model serves';
  if (record.outcome === 'rolled-back' && record.serving === null) return 'not deployed, nothing serves';
  if (record.operation === 'rollback' && record.serving === record.challenger?.digest) {
    return 'rolled back to the champion before';
  }
  return HEADINGS[record.outcome];
}

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

function stepTable(steps: readonly StepLooks[]): Markdown {
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

function eventList(record: Deployment): Markdown {
  return list(
    record.events.map(
      (event) =>
        md`${event.at.slice(11, 19)} UTC, ${event.kind} (${shortNumber(event.weight)} % to the challenger): ${event.reason}`,
    ),
  );
}

function lookTable(record: Deployment): Markdown {
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

function explanation(record: Deployment, limits: NonNullable<Deployment['limits']>): Markdown {
  const { rollout, slowerThanMs } = record;
  const isAlone = rollout?.strategy === 'blue-green' || rollout?.strategy === 'all-at-once';
  const margin = rollout?.analysis.margin ?? 2;
  const ceilings = [
    ...(rollout?.errors.ceiling === undefined
      ? []
      : [md`"its errors are within the ceiling of ${formatShare(rollout.errors.ceiling, 2)}"`]),
    ...(rollout?.latency?.ceiling === undefined
      ? []
      : [md`"its slow requests are within the ceiling of ${formatShare(rollout.latency.ceiling, 2)}"`]),
  ].map((ceiling) => md`Rolled back when ${ceiling} reaches ${eValue(limits.ceiling)}.`);
  const compared = md`Rolled back when "the challenger is no worse than the champion" reaches ${eValue(limits.rollback)} for ${metricsOf(record)}; with what the ceilings spend this adds up to α = ${shortNumber(rollout?.analysis.alpha ?? 0.05)}.`;
  return list([
    md`An e-value is the evidence against an assumption: it passes a limit of 1/α at any time, by chance alone, with a probability of at most α, however often one looks.`,
    ...(isAlone ? [] : [compared]),
    ...ceilings,
    isAlone
      ? md`Promoted after the watch when "it is at its ceiling, or above" reaches ${eValue(limits.promote)} for every ceiling: with all traffic at the challenger there is no champion to compare with.`
      : md`Promoted after the last bake when "the challenger is ${shortNumber(margin)} times as bad, or worse" reaches ${eValue(limits.promote)} for ${rollout?.latency ? 'errors and latency' : 'errors'}. A challenger between 1 and ${shortNumber(margin)} times may go either way.`,
    ...(rollout?.predictions
      ? [
          md`Predictions roll back only when, beside the evidence, at least ${formatShare(rollout.predictions.max_distance, 1)} of them would have to change to be spread as the champion's. Of each answer the first counts.`,
        ]
      : []),
    ...(rollout?.servers
      ? [
          md`Limits of servers (${rollout.servers.map(({ name }) => name).join(', ')}) act after looks in a row and are no part of α.`,
        ]
      : []),
    ...(slowerThanMs === null
      ? []
      : [md`Slow is a request that takes longer than ${formatNumber(slowerThanMs, 1)} ms.`]),
    md`This holds for independent requests. Retries and bursts on one arm break that; no look may multiply an e-value by more than four, which limits the harm but proves nothing.`,
  ]);
}

/** What may roll back by comparison, and so shares α. */
function metricsOf({ rollout }: Deployment): string {
  const names = [
    'errors',
    ...(rollout?.latency ? ['latency'] : []),
    ...(rollout?.predictions ? ['predictions'] : []),
  ];
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`;
}

function footerOf(record: Deployment): Inline[] {
  const { challenger, champion, alias, traffic, endpoint } = record;
  return [
    ...(challenger ? [md`challenger ${code(shortDigest(challenger.digest))}`] : []),
    ...(champion ? [md`champion ${code(shortDigest(champion.digest))}`] : []),
    ...(alias ? [md`alias ${code(alias.name)} ${alias.moved ? 'moved' : 'not moved'}`] : []),
    ...(endpoint ? [md`serves at ${code(endpoint)}`] : []),
    ...(traffic
      ? [
          md`${formatNumber(traffic.sent)} requests replayed from ${code(traffic.file)} at ${shortNumber(traffic.ratePerSecond)} a second, ${formatNumber(traffic.failed)} of them failed`,
        ]
      : []),
    ...(record.overrideReason ? [md`let through by a person: ${record.overrideReason}`] : []),
  ];
}
