/** Lines of files that cannot be read. What they hold is in no row, so that no column can show it. */
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import type { Verdict } from '../../shared/records/envelope.ts';

export type UnreadableLines = NonNullable<DriftCheck['unreadableLines']>;
export type LineCounts = Pick<UnreadableLines, 'reference' | 'data' | 'labels'>;

/** @returns undefined where every line could be read. */
export function unreadableLines(counts: LineCounts, policy: DriftPolicy): UnreadableLines | undefined {
  const { reference, data, labels } = counts;
  if (reference + data + labels === 0) return undefined;
  return { ...counts, onMissing: policy.defaults.on_missing ?? 'warn' };
}

/** `2 lines of the data and 1 line of the labels` */
export function describeLines({ reference, data, labels }: LineCounts): string {
  const parts = Object.entries({ data, reference, labels })
    .filter(([, count]) => count > 0)
    .map(([where, count]) => `${count} ${count === 1 ? 'line' : 'lines'} of the ${where}`);
  return parts.join(' and ').replace(/ and (?=.* and )/, ', ');
}

/** Why they count, where they do; and to which verdict. */
export function unreadableFindings(unreadable: UnreadableLines | undefined): {
  verdicts: Verdict[];
  reasons: string[];
} {
  if (!unreadable) return { verdicts: [], reasons: [] };
  return {
    verdicts: [unreadable.onMissing],
    reasons: [`unreadable lines: ${describeLines(unreadable)}`],
  };
}
