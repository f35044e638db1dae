import { UserError } from '../../../shared/errors.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { Deployment } from '../../../shared/records/deployment.ts';
import { recordHead } from '../../../shared/records/envelope.ts';
import { readRecordFile } from '../../../shared/records/folder.ts';
import { writeRecordText } from '../../../shared/records/text.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { type Decision, decide } from '../engine/decide.ts';
import { continueStep } from '../engine/engine.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import { type Replay, replay } from '../engine/replay.ts';
import type { Given } from '../inputs.ts';

/**
 * `operation: replay`: computes every e-value and decision of a Deployment record once more, from its counts alone, and
 * says where the record tells otherwise. Nothing is started and no target is asked.
 */
export async function replayRecord(
  given: Pick<Given, 'record' | 'name'>,
  { records, source, now }: Pick<Deps, 'records' | 'source' | 'now'>,
): Promise<Deployment> {
  const recorded = given.record
    ? await readDeployment(given.record, given.name)
    : await newestWithLooks(records);
  if (!recorded.rollout || recorded.looks.length === 0) {
    throw new UserError('The record tells of no comparison, so there is nothing to compute once more.', {
      where: { key: 'record' },
      fix: 'Give the record of a run that compared a challenger with a champion.',
    });
  }
  const plan = planOf(recorded.rollout, recorded.limits);
  const computed = replay(plan, recorded);
  const differences = [
    ...(computed.difference ? [`look ${computed.difference.sequence}: ${computed.difference.what}`] : []),
    ...differingLimits(plan.limits, recorded.limits),
    ...differingEnd(plan, recorded, computed),
  ];
  const { length } = recorded.looks;
  const looks = length === 1 ? 'The look' : `All ${length} looks`;
  const reason =
    differences.length === 0
      ? `${looks} computed once more: every e-value and every decision is as recorded.`
      : `Computed once more, the record differs. ${differences.map((what) => `${what}.`).join(' ')}`;
  return {
    ...recorded,
    ...recordHead('Deployment', {
      name: recorded.name,
      source,
      createdAt: now(),
      subject: recorded.subject.digest,
      inputs: [
        ...recorded.inputs,
        { role: 'deployment', name: recorded.reason, digest: sha256(writeRecordText(recorded)) },
      ],
      verdict: differences.length === 0 ? 'pass' : 'fail',
      reason,
    }),
    operation: 'replay',
    outcome: 'replayed',
    limits: plan.limits,
    looks: computed.state.looks,
    events: [
      ...recorded.events,
      ...differences.map((what) => ({
        ...{ at: now().toISOString(), kind: 'warning' as const, weight: 0, reason: `${what}.` },
      })),
    ],
  };
}

async function readDeployment(path: string, name: string): Promise<Deployment> {
  const record = await readRecordFile(path);
  if (record.kind !== 'Deployment') {
    throw new UserError(`${path} is a ${record.kind}, not a Deployment.`, {
      where: { file: path, key: 'record' },
    });
  }
  if (record.name === name) return record;
  throw new UserError(`${path} is a record of ${record.name}, not of ${name}.`, {
    where: { file: path, key: 'record' },
  });
}

/** One replay after another is to find the rollout itself. */
async function newestWithLooks(records: Deps['records']): Promise<Deployment> {
  const all = (await records.all()).filter((record): record is Deployment => record.kind === 'Deployment');
  const newest = all
    .filter(({ looks, operation }) => looks.length > 0 && operation !== 'replay')
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
  if (newest) return newest;
  throw new UserError(`No record in ${records.path} tells of a comparison.`, {
    where: { file: records.path, key: 'record' },
    fix: 'Give the path of a Deployment record.',
  });
}

/** The plan as it was when the record was made: earlier ones began the tests of the ceilings at each step only. */
function planOf(rollout: NonNullable<Deployment['rollout']>, recorded: Deployment['limits']): Plan {
  const plan = makePlan(rollout);
  const { startsAtEachLook, ...limits } = plan.limits;
  return recorded?.startsAtEachLook ? plan : { ...plan, limits };
}

function differingLimits(
  { startsAtEachLook: _, ...computed }: Plan['limits'],
  recorded: Deployment['limits'],
): string[] {
  return Object.entries(computed).flatMap(([key, value]) => {
    const kept = recorded?.[key as keyof typeof computed];
    return kept !== undefined && Math.abs(kept - value) < 1e-9
      ? []
      : [`the limit ${key} is ${kept ?? 'missing'}, but the rollout gives ${value}`];
  });
}

/** A rollback may have other causes than the evidence, and a person may promote what is held; nothing else may differ. */
function differingEnd(plan: Plan, recorded: Deployment, computed: Replay): string[] {
  const { operation, outcome } = recorded;
  const last = lastDecision(plan, recorded, computed);
  if (!last || (operation !== 'run' && operation !== 'continue')) return [];
  const ends = { promoted: ['promote'], held: ['hold'], paused: ['pause'] } as const;
  const undecided = ['continue', 'extend', 'step', 'pause'] as const;
  const expected: readonly string[] | undefined =
    outcome === 'rolling'
      ? undecided
      : outcome === 'promoted' || outcome === 'held' || outcome === 'paused'
        ? ends[outcome]
        : undefined;
  if (!expected || expected.includes(last.kind)) return [];
  return [
    `the rollout ended as ${outcome}, but the evidence says ${last.kind}: ${last.reason.replace(/\.$/, '')}`,
  ];
}

/** What the engine decided last: after the last look, or once a person let it go on past a pause. */
function lastDecision(
  plan: Plan,
  { outcome, events }: Deployment,
  { decisions, state }: Replay,
): Decision | undefined {
  const last = decisions.at(-1)?.decision;
  if (last?.kind !== 'pause' || outcome !== 'promoted') return last;
  const said = events.findLast(({ kind }) => kind === 'pause' || kind === 'continue');
  return said?.kind === 'continue' ? decide(plan, continueStep(state)) : last;
}
