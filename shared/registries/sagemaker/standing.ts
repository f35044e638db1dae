import * as z from 'zod';
import type { ObjectStore } from '../../aws/object-store.ts';
import { APPROVALS, type Standing } from '../registry-interface.ts';
import { changeDocument } from './documents.ts';
import { standingKey } from './keys.ts';
import { approvalOf, approvalStatusOf, lifeCycleOf } from './package-fields.ts';
import type { DescribedPackage, SageMakerService } from './service.ts';

/** What SageMaker has no field for (who, where, why) lies beside the version, and counts while its values agree. */
const standingSchema = z.object({
  approval: z.enum(APPROVALS).optional(),
  stage: z.string().optional(),
  by: z.string().optional(),
  at: z.string().optional(),
  runUrl: z.string().optional(),
  reason: z.string().optional(),
});

const LONGEST_REASON = 1024;

/** How a version stands: SageMaker's own fields count, whoever set them. */
export async function readStanding(
  store: ObjectStore,
  name: string,
  digest: string,
  found: DescribedPackage,
): Promise<Standing> {
  const present = await store.read(standingKey(name, digest));
  const said = present && parse(new TextDecoder().decode(present.bytes));
  const native = nativeStanding(found);
  if (said && (said.approval ?? 'pending') === native.approval && said.stage === native.stage) return said;
  const { LastModifiedTime: at, LastModifiedBy: by, ApprovalDescription: reason } = found;
  // Every package begins as pending: that alone nobody said.
  if (!at && native.approval === 'pending') delete native.approval;
  const who = by?.UserProfileName ?? by?.IamIdentity?.Arn;
  return {
    ...native,
    ...(who ? { by: who } : {}),
    ...(at ? { at: at.toISOString() } : {}),
    ...(reason ? { reason } : {}),
  };
}

/** A text that is none of ours says nothing: SageMaker's fields are what counts. */
function parse(text: string): Standing | undefined {
  try {
    return standingSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function nativeStanding({ ModelApprovalStatus, ModelLifeCycle }: DescribedPackage): Standing {
  const approval = approvalOf(ModelApprovalStatus);
  const stage = ModelLifeCycle?.Stage;
  return { ...(approval ? { approval } : {}), ...(stage ? { stage } : {}) };
}

/** Keeps the words of a standing; SageMaker's fields follow, or were set with the package. */
export async function writeStandingWords(
  store: ObjectStore,
  name: string,
  digest: string,
  standing: Standing,
): Promise<void> {
  const next = JSON.stringify(standing);
  await changeDocument(store, standingKey(name, digest), (present) => (present === next ? undefined : next));
}

/** Changes what is given and leaves the rest. */
export async function changeStanding(
  service: SageMakerService,
  store: ObjectStore,
  digest: string,
  { arn, change, now }: { arn: string; change: Standing; now: () => Date },
): Promise<void> {
  const { approval, stage } = change;
  const lifeCycle = stage === undefined ? {} : { ModelLifeCycle: lifeCycleOf(stage) };
  const before = await service.untilSeen(() => service.describe(arn));
  if (!before) return;
  const present = await readStanding(store, service.name, digest, before);
  if ((approval ?? present.approval) === present.approval && (stage ?? present.stage) === present.stage)
    return;
  const values = { ...pick(present), ...pick(change) };
  const words = { ...change, ...values, at: change.at ?? now().toISOString() };
  await writeStandingWords(store, service.name, digest, words);
  const ApprovalDescription = change.reason?.replace(/\s+/g, ' ').slice(0, LONGEST_REASON);
  await service.update({
    ModelPackageArn: arn,
    ...(approval ? { ModelApprovalStatus: approvalStatusOf(approval) } : {}),
    ...(approval && ApprovalDescription ? { ApprovalDescription } : {}),
    ...lifeCycle,
  });
  await restoreForgotten(service, arn, before);
}

const pick = ({ approval, stage }: Standing): Standing => ({
  ...(approval ? { approval } : {}),
  ...(stage ? { stage } : {}),
});

/**
 * AWS keeps what an update does not name, so only the change is sent: two jobs that change different things lose
 * neither. Servers that stand in for it forget the rest, and are told it again.
 */
async function restoreForgotten(
  service: SageMakerService,
  arn: string,
  before: DescribedPackage,
): Promise<void> {
  const after = await service.describe(arn);
  if (!after) return;
  const status = after.ModelApprovalStatus ?? before.ModelApprovalStatus;
  const lifeCycle = after.ModelLifeCycle ?? before.ModelLifeCycle;
  const properties = after.CustomerMetadataProperties ?? before.CustomerMetadataProperties;
  const isWhole =
    status === after.ModelApprovalStatus &&
    lifeCycle === after.ModelLifeCycle &&
    properties === after.CustomerMetadataProperties;
  if (isWhole) return;
  const ApprovalDescription = after.ApprovalDescription ?? before.ApprovalDescription;
  await service.update({
    ModelPackageArn: arn,
    ...(status ? { ModelApprovalStatus: status } : {}),
    ...(ApprovalDescription ? { ApprovalDescription } : {}),
    ...(lifeCycle ? { ModelLifeCycle: lifeCycle } : {}),
    ...(properties ? { CustomerMetadataProperties: properties } : {}),
  });
}
