import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import { UserError } from '../../errors.ts';
import type { Approval, VersionDetails } from '../registry-interface.ts';

/** What is known of a version in the fields of SageMaker: pure, nothing is asked or sent here. */

export const DIGEST_PROPERTY = 'mlops.digest';
/** Tells the job that made the package from one that came at the same moment. */
export const REGISTRATION_PROPERTY = 'mlops.registration';

const MOST_PROPERTIES = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const LONGEST_METADATA = 1024;
const LONGEST_DESCRIPTION = 1024;
const PROPERTY_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u;

const APPROVAL_STATUS = {
  pending: 'PendingManualApproval',
  approved: 'Approved',
  rejected: 'Rejected',
} as const;

export const approvalStatusOf = (approval: Approval) => APPROVAL_STATUS[approval];

/** @throws UserError for a status that is none of SageMaker's: it decides what may be deployed, so nothing is guessed. */
export function approvalOf(status: string | undefined): Approval | undefined {
  if (status === undefined) return undefined;
  const approval = (Object.keys(APPROVAL_STATUS) as Approval[]).find(
    (word) => APPROVAL_STATUS[word] === status,
  );
  if (approval) return approval;
  throw new UserError(`SageMaker gives a version the unknown approval ${JSON.stringify(status)}.`, {
    fix: `The words are ${Object.values(APPROVAL_STATUS).join(', ')}.`,
  });
}

/** SageMaker wants a status beside each stage; approval has its own field. */
const STAGE_STATUS = 'Current';

/** @throws UserError when SageMaker cannot keep the word. */
export function lifeCycleOf(stage: string): { Stage: string; StageStatus: string } {
  if (/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(stage)) return { Stage: stage, StageStatus: STAGE_STATUS };
  throw new UserError(`SageMaker cannot keep the stage ${JSON.stringify(stage)}.`, {
    where: { key: 'stage' },
    fix: 'Use letters, digits and hyphens, at most 63, e.g. staging.',
  });
}

/** A description that ends in the digest: lists show it, and it cannot be changed later. */
export function describeWith(text: string, digest: string): string {
  const end = ` (${digest})`;
  const plain = text.replace(/\p{C}+/gu, ' ').trim();
  return plain.slice(0, LONGEST_DESCRIPTION - end.length) + end;
}

/** The digest that {@link describeWith} wrote. */
export const digestInDescription = (description: string): string | undefined =>
  /\((sha256:[0-9a-f]{64})\)$/.exec(description)?.[1];

/**
 * The customer's properties: the digest first, then lineage, then tags. What SageMaker has no room or letters for is
 * left out and named; the attached records have all of it.
 */
export function propertiesOf(
  digest: string,
  registration: string,
  details: VersionDetails | undefined,
): { properties: Record<string, string>; leftOut: string[] } {
  const wanted: [string, string | null | undefined][] = [
    [DIGEST_PROPERTY, digest],
    [REGISTRATION_PROPERTY, registration],
    ['mlops.parent', details?.parent],
    ['mlops.repository', details?.source.repository],
    ['mlops.commit', details?.source.commit],
    ['mlops.run', details?.source.runUrl],
    ...(details?.inputs ?? []).map(({ role, name, digest: of }): [string, string] => [
      `mlops.input.${role}.${name}`,
      of,
    ]),
    ...Object.entries(details?.tags ?? {}),
  ];
  const properties: Record<string, string> = {};
  const leftOut: string[] = [];
  for (const [key, value] of wanted) {
    if (value === null || value === undefined || key in properties) continue;
    const fits =
      key.length <= LONGEST_KEY &&
      value.length <= LONGEST_VALUE &&
      PROPERTY_TEXT.test(key) &&
      PROPERTY_TEXT.test(value) &&
      Object.keys(properties).length < MOST_PROPERTIES;
    if (fits) properties[key] = value;
    else leftOut.push(key);
  }
  return { properties, leftOut };
}

/** SageMaker's lineage fields; a text that is too long is left out rather than cut. */
export function metadataOf(
  details: VersionDetails | undefined,
): CreateModelPackageCommandInput['MetadataProperties'] {
  const { commit, repository, runUrl } = details?.source ?? { commit: null, repository: null, runUrl: null };
  const fits = (text: string | null): text is string => text !== null && text.length <= LONGEST_METADATA;
  const metadata = {
    ...(fits(commit) ? { CommitId: commit } : {}),
    ...(fits(repository) ? { Repository: repository } : {}),
    ...(fits(runUrl) ? { GeneratedBy: runUrl } : {}),
  };
  return Object.keys(metadata).length > 0 ? metadata : undefined;
}

/**
 * With an image: a container that loads the model's files as they lie in S3. Without one SageMaker is only told where
 * they are, and cannot deploy the version.
 */
export function sourceOf(
  folderUri: string,
  image: string | undefined,
): Pick<CreateModelPackageCommandInput, 'InferenceSpecification' | 'SourceUri'> {
  if (image === undefined) return { SourceUri: folderUri };
  const S3DataSource = {
    S3Uri: folderUri,
    S3DataType: 'S3Prefix' as const,
    CompressionType: 'None' as const,
  };
  return { InferenceSpecification: { Containers: [{ Image: image, ModelDataSource: { S3DataSource } }] } };
}

/**
 * The metrics document in the shape of Model Monitor's evaluation.json, under scikit-learn's names.
 * @returns undefined when there are none.
 */
export function metricsDocument(metrics: Record<string, number>, group: string): string | undefined {
  const entries = Object.entries(metrics).map(([name, value]) => [
    name,
    // JSON has no NaN; Model Monitor writes it as a text.
    { value: Number.isFinite(value) ? value : String(value), standard_deviation: 'NaN' },
  ]);
  return entries.length > 0 ? JSON.stringify({ [group]: Object.fromEntries(entries) }, null, 2) : undefined;
}
