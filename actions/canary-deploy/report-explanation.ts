import type { Deployment } from '../../shared/records/deployment.ts';
import { list, type Markdown, md } from '../../shared/report/markdown.ts';
import { formatNumber, formatShare } from '../../shared/report/numbers.ts';
import { eValue, shortNumber } from './engine/wording.ts';

/** How a rollout is decided: which tests act at which limits, and what that means. */
export function explanation(record: Deployment, limits: NonNullable<Deployment['limits']>): Markdown {
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

/** What is known of a challenger that only got copies of requests; empty where it answered users. */
export function judgedOnCopies({ rollout, looks }: Deployment): Markdown | '' {
  if (rollout?.strategy !== 'shadow' || looks.length === 0) return '';
  const { latency, predictions } = rollout;
  const judged = `errors${latency && predictions ? ', ' : latency ? ' and ' : ''}${latency ? 'latency' : ''}${predictions ? ' and predictions' : ''}`;
  const unknown = predictions ? '' : ' What it answered was not compared.';
  return md`Judged on copies of the champion's requests: ${judged}.${unknown} Users had no answer of the challenger.`;
}
