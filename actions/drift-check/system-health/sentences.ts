/** What system health does to the verdict, and the sentences that say so. Pure, plain text. */
import type { Verdict } from '../../../shared/records/envelope.ts';
import type {
  SystemHealth,
  SystemLimit,
  SystemMeasureResult,
} from '../../../shared/records/system-health.ts';
import { formatNumber, plainNumber } from '../../../shared/report/numbers.ts';
import { listNames } from '../list-names.ts';

/** Four significant digits, and no digit before the point left out. */
export function shortNumber(value: number | null): string {
  return value === null || Math.abs(value) >= 1000 ? formatNumber(value) : plainNumber(value, 4);
}

export function withUnit(value: number | null, { unit }: Pick<SystemMeasureResult, 'unit'>): string {
  return `${shortNumber(value)}${unit === null || value === null ? '' : ` ${unit}`}`;
}

/** `latency_p99 was 0.8123 s, above its limit of 0.5 s`. */
function describeBreach(measure: SystemMeasureResult, { kind, limit }: SystemLimit): string {
  const upper = kind === 'max' || kind === 'max_increase';
  const verb = kind === 'max_increase' ? 'rose to' : kind === 'max_decrease' ? 'fell to' : 'was';
  const usual =
    measure.past?.mean != null && kind.includes('_')
      ? ` from ${withUnit(measure.past.mean, measure)} in ${measure.past.windows} earlier windows`
      : '';
  return (
    `${measure.name} ${verb} ${withUnit(measure.value, measure)}${usual}, ` +
    `${upper ? 'above' : 'below'} its limit of ${withUnit(limit, measure)}`
  );
}

/** What of a measure was not judged; empty where all was. */
function describeUnjudged(measure: SystemMeasureResult): string {
  const { name, status, steps, limits, past } = measure;
  if (status === 'missing') return `${name} has a value in ${steps.valued} of ${steps.expected} steps`;
  if (!limits.some((limit) => limit.status === 'not_judged')) return '';
  return `${name} has a value in ${past?.windows} of ${past?.asked} earlier windows, too few to compare with`;
}

export interface SystemFindings {
  verdicts: Verdict[];
  /** Each begins with a word of ours. */
  reasons: string[];
}

/**
 * Beyond a limit it is `on_breach`; not judged it is `on_missing`, never a silent pass. It asks for no retrain, which
 * mends no server.
 */
export function systemFindings(system: SystemHealth | undefined): SystemFindings {
  const found: SystemFindings = { verdicts: [], reasons: [] };
  if (!system) return found;
  const breaches = system.measures.flatMap((measure) =>
    measure.limits.filter(({ status }) => status === 'beyond').map((limit) => describeBreach(measure, limit)),
  );
  if (breaches.length > 0) {
    found.verdicts.push(system.onBreach);
    found.reasons.push(`system health beyond its limits: ${breaches.join('; ')}`);
  }
  const unjudged =
    system.unavailable === undefined
      ? system.measures.map(describeUnjudged).filter((text) => text !== '')
      : [system.unavailable.replace(/\.$/, '')];
  if (unjudged.length > 0) {
    found.verdicts.push(system.onMissing);
    found.reasons.push(`system health not known: ${unjudged.join('; ')}`);
  }
  if (breaches.length === 0 && unjudged.length === 0) {
    const names = system.measures.map(({ name }) => name);
    found.reasons.push(`system health within limits (${listNames(names)})`);
  }
  return found;
}

/** For the heading: `, 2 system measures beyond their limits`; empty where nothing is wrong. */
export function systemHeading(system: SystemHealth | undefined): string {
  const count = (status: SystemMeasureResult['status']) =>
    system?.measures.filter((measure) => measure.status === status).length ?? 0;
  const beyond = count('beyond');
  const missing = count('missing') + count('not_judged');
  const measures = (number: number) => `${number} system measure${number === 1 ? '' : 's'}`;
  if (beyond > 0) return `, ${measures(beyond)} beyond ${beyond === 1 ? 'its limit' : 'their limits'}`;
  return missing > 0 ? `, ${measures(missing)} not known` : '';
}
