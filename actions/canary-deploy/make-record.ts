import type { Deployment } from '../../shared/records/deployment.ts';
import {
  type RecordInput,
  type RecordSource,
  recordHead,
  worstVerdict,
} from '../../shared/records/envelope.ts';
import { type AppliedScan, scanVerdict } from '../../shared/records/model-scan.ts';
import { makePlan } from './engine/plan.ts';
import type { OperationResult } from './operations/operation.ts';

/** The record of an operation. */
export function makeRecord(
  result: OperationResult,
  head: {
    name: string;
    source: RecordSource;
    createdAt: Date;
    operation: Deployment['operation'];
    target: Deployment['target'];
    endpoint: string | null;
    /** Of the challenger's files, where they were scanned. */
    scan?: AppliedScan | undefined;
  },
): Deployment {
  const { challenger, champion, traffic, rollout, state } = result;
  const plan = rollout && makePlan(rollout);
  const inputs: RecordInput[] = [
    ...(challenger ? [{ role: 'model', name: challenger.uri, digest: challenger.digest }] : []),
    ...(champion ? [{ role: 'baseline', name: champion.uri, digest: champion.digest }] : []),
    ...(traffic ? [{ role: 'traffic', name: traffic.file, digest: traffic.digest }] : []),
  ];
  const events = [...(state?.events ?? []), ...result.events];
  return {
    ...recordHead('Deployment', {
      ...head,
      subject: result.subject,
      inputs,
      verdict: worstVerdict([result.verdict, head.scan ? scanVerdict(head.scan) : 'pass']),
      reason: result.reason,
    }),
    operation: head.operation,
    outcome: result.outcome,
    target: head.target,
    endpoint: result.serving ? head.endpoint : null,
    challenger,
    champion,
    serving: result.serving,
    alias: result.alias,
    overrideReason: result.overrideReason,
    rollout,
    limits: plan?.limits ?? null,
    slowerThanMs: state?.slowerThanMs ?? null,
    weights: result.weights.map(({ at, weight }) => ({ at: new Date(at).toISOString(), weight })),
    looks: state?.looks ?? [],
    events: events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    traffic,
    before: result.before,
    unused: result.unused,
    ...(head.scan ? { scan: head.scan } : {}),
  };
}
