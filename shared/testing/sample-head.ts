/** What all sample records have in common. */
import { type RecordKind, recordHead, type Verdict } from '../records/envelope.ts';

export const START = Date.parse('2026-11-24T10:00:00Z');
export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

export function head<Kind extends RecordKind>(
  kind: Kind,
  subject: string,
  verdict: Verdict,
  reason: string,
  minute: number,
) {
  return recordHead(kind, {
    name: 'flight-delays',
    source: { repository: 'octocat/flights', commit: 'abc1234'.repeat(5), runUrl: null },
    createdAt: new Date(START + minute * 60_000),
    subject,
    inputs: [{ role: 'data', name: 'january.parquet', digest: digest('d') }],
    verdict,
    reason,
  });
}

/** Even numbers between 0 and 1 that look random and are the same in every run. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
