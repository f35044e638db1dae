/** What was noticed while a training ran, in the order of time: warnings, and what ended it. */
import type { TrainingRun } from '../../records/training-run.ts';

export interface Noticed {
  atSeconds: number;
  /** `idle GPU`, `ended: early stop` */
  title: string;
  text: string;
  isEnd: boolean;
}

export function noticedBy({ warnings = [], stoppedBy }: TrainingRun): Noticed[] {
  const noticed = warnings.map(
    ({ kind, message, atSeconds }): Noticed => ({
      ...{ atSeconds, text: message, isEnd: false },
      title: kind.replaceAll('-', ' ').replace(/\bgpu\b/, 'GPU'),
    }),
  );
  if (stoppedBy) {
    const { rule, reason, atSeconds } = stoppedBy;
    noticed.push({
      ...{ atSeconds, text: reason, isEnd: true },
      title: `ended: ${rule.replaceAll('-', ' ')}`,
    });
  }
  return noticed.toSorted((a, b) => a.atSeconds - b.atSeconds);
}
