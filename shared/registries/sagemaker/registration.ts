import { createHash, randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../aws/object-store.ts';
import { UserError } from '../../errors.ts';
import { sha256 } from '../../records/canonical-json.ts';
import type { VersionDetails } from '../registry-interface.ts';
import { metricsKey, modelFolder } from './keys.ts';
import type { KnownPackages } from './known-packages.ts';
import { metricsGroup } from './metrics-group.ts';
import {
  approvalStatusOf,
  describeWith,
  lifeCycleOf,
  metadataOf,
  metricsDocument,
  propertiesOf,
  REGISTRATION_PROPERTY,
  sourceOf,
} from './package-fields.ts';
import type { DescribedPackage, NewPackage, SageMakerService } from './service.ts';

/** How often the same bytes may have been removed and registered again. */
const GENERATIONS = 50;

interface Registering {
  service: SageMakerService;
  store: ObjectStore;
  packages: KnownPackages;
  progress?: (message: string) => void;
}

/**
 * Makes the package of a version whose objects lie in S3 already. However often the request is repeated, and however
 * many jobs come at once, one package stays.
 * @returns whether this call made it.
 */
export async function registerPackage(
  registering: Registering,
  digest: string,
  details: VersionDetails | undefined,
): Promise<boolean> {
  const { service, packages } = registering;
  const registration = randomUUID();
  const input = await newPackage(registering, digest, registration, details);
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const token = clientToken(service.name, digest, generation);
    const arn = await service.create({ ...input, ClientToken: token });
    if (arn === undefined) {
      // Another job used the token for the same bytes; or the package that it made was removed since.
      if (await service.untilSeen(() => packages.find(digest))) return false;
      continue;
    }
    const made = await service.untilSeen(() => service.describe(arn));
    if (!made) continue;
    await whenCompleted(service, arn, made);
    const isOwn = made.CustomerMetadataProperties?.[REGISTRATION_PROPERTY] === registration;
    // Where the token means nothing two jobs make two packages: the first counts, and the other takes its own back.
    const first = await service.untilSeen(() => packages.find(digest));
    if (!isOwn || !first || first.arn === arn) return isOwn;
    await service.delete(arn);
    return false;
  }
  throw new UserError(
    `SageMaker makes no new version of ${digest}: each request is taken for an earlier one.`,
    {
      fix: 'It was removed a moment ago: register it again later.',
    },
  );
}

/** A version is made at once; what takes longer is a check that SageMaker does itself. */
async function whenCompleted(service: SageMakerService, arn: string, made: DescribedPackage): Promise<void> {
  let found: DescribedPackage | undefined = made;
  for (
    let tries = 0;
    tries < 60 && found && /^(Pending|InProgress)$/.test(found.ModelPackageStatus ?? '');
    tries++
  ) {
    await service.wait(Math.min(500 * 2 ** tries, 5000));
    found = await service.describe(arn);
  }
  if (found?.ModelPackageStatus !== 'Failed') return;
  const reasons = found.ModelPackageStatusDetails?.ValidationStatuses?.flatMap(
    (entry) => entry.FailureReason ?? [],
  );
  throw new UserError(`SageMaker refused the version: ${reasons?.join('; ') || 'it gives no reason'}.`, {
    fix: 'Mend what SageMaker names, and register again.',
  });
}

/** At most 36 characters, the same in every run for the same bytes. */
function clientToken(name: string, digest: string, generation: number): string {
  return createHash('sha256').update(`${name}\n${digest}\n${generation}`).digest('hex').slice(0, 36);
}

async function newPackage(
  { service, store, progress }: Registering,
  digest: string,
  registration: string,
  details: VersionDetails | undefined,
): Promise<NewPackage> {
  const { name } = service;
  const { properties, leftOut } = propertiesOf(digest, registration, details);
  if (leftOut.length > 0)
    progress?.(`SageMaker has no room for ${leftOut.join(', ')}: the attached records have it`);
  const folderUri = store.uriOf(modelFolder(name, digest));
  if (details && details.image === undefined)
    progress?.('Without a container image SageMaker keeps this version, and cannot deploy it');
  const { approval = 'pending', stage } = details?.standing ?? {};
  const metadata = metadataOf(details);
  const metrics = await storeMetrics(store, name, digest, details);
  return {
    ModelPackageDescription: describeWith(details?.description ?? name, digest),
    ModelApprovalStatus: approvalStatusOf(approval),
    CustomerMetadataProperties: properties,
    ...sourceOf(folderUri, details?.image),
    ...(metadata ? { MetadataProperties: metadata } : {}),
    ...(stage === undefined ? {} : { ModelLifeCycle: lifeCycleOf(stage) }),
    ...(metrics ? { ModelMetrics: { ModelQuality: { Statistics: metrics } } } : {}),
  };
}

async function storeMetrics(
  store: ObjectStore,
  name: string,
  digest: string,
  details: VersionDetails | undefined,
): Promise<{ ContentType: string; ContentDigest: string; S3Uri: string } | undefined> {
  const metrics = details?.metrics ?? {};
  const document = metricsDocument(metrics, metricsGroup(Object.keys(metrics)));
  if (document === undefined) return undefined;
  const bytes = new TextEncoder().encode(document);
  const ContentDigest = sha256(bytes);
  const key = metricsKey(name, digest, ContentDigest);
  await store.put(key, { bytes, digest: ContentDigest, size: bytes.length });
  return { ContentType: 'application/json', ContentDigest, S3Uri: store.uriOf(key) };
}
