/**
 * How a version came about, as an in-toto statement with SLSA provenance (slsa.dev/spec/v1.1/provenance): made from
 * records and from what GitHub says of the run, and from nothing else, so that equal knowledge gives equal bytes.
 * What the fields mean for this kind of build is in docs/provenance.md.
 */
import { canonicalJson, sha256 } from '../records/canonical-json.ts';
import type { RecordSource } from '../records/envelope.ts';
import type { Evaluation } from '../records/evaluation.ts';
import type { ModelVersion } from '../records/model-version.ts';
import { writeRecordText } from '../records/text.ts';
import type { TrainingRun } from '../records/training-run.ts';
import type { HeldFiles } from './held-files.ts';
import { PREDICATE_TYPES, STATEMENT_TYPE } from './media-types.ts';

/** Names the meaning of the parameters below. */
export const BUILD_TYPE = 'urn:mlops-actions:model-version:v1';
/** Who builds where there is no GitHub: a machine that nothing more is known of. */
const UNKNOWN_BUILDER = 'urn:mlops-actions:builder:outside-github';

/** What is known of a version when it is registered. */
export interface KnownOfVersion {
  /** Its subject is the model; it names commands, code, parent and tags. */
  version: ModelVersion;
  trainingRun?: TrainingRun;
  evaluation?: Evaluation;
  /** What else is attached, file by file; left out, nothing is said of it. */
  attached?: HeldFiles;
}

interface ResourceDescriptor {
  name?: string;
  uri?: string;
  digest?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** The statement of a version as canonical JSON. @param env GitHub's variables; none of another kind is read. */
export function provenanceStatement(known: KnownOfVersion, env: NodeJS.ProcessEnv): string {
  const { version } = known;
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ name: version.name, digest: hexDigest(version.subject.digest) }],
    predicateType: PREDICATE_TYPES.provenance,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: externalParameters(known, env),
        internalParameters: internalParameters(known, env),
        resolvedDependencies: dependencies(known, env),
      },
      runDetails: {
        builder: { id: builderOf(env) },
        metadata: metadata(known, env),
        byproducts: byproducts(known),
      },
    },
  });
}

/** What a person decided. The commands by which a model predicts and serves are named below. */
function externalParameters({ trainingRun }: KnownOfVersion, env: NodeJS.ProcessEnv) {
  return {
    workflow: workflowOf(env),
    training: trainingRun && { command: trainingRun.command, params: trainingRun.params },
  };
}

function workflowOf(env: NodeJS.ProcessEnv): Record<string, string> | undefined {
  // owner/name/.github/workflows/file.yml@refs/heads/main
  const [, repository, path, ref] =
    /^([^/]+\/[^/]+)\/([^@]+)@(.+)$/.exec(env.GITHUB_WORKFLOW_REF ?? '') ?? [];
  if (!repository || !path || !ref) return undefined;
  return { repository: `${serverOf(env)}/${repository}`, path, ref };
}

/** Where and under which conditions it happened. */
function internalParameters({ version, trainingRun, attached }: KnownOfVersion, env: NodeJS.ProcessEnv) {
  const github = {
    event_name: env.GITHUB_EVENT_NAME || undefined,
    repository_id: env.GITHUB_REPOSITORY_ID || undefined,
    repository_owner_id: env.GITHUB_REPOSITORY_OWNER_ID || undefined,
    runner_environment: env.RUNNER_ENVIRONMENT || undefined,
  };
  return {
    ...(Object.values(github).some(Boolean) ? { github } : {}),
    ...(attached ? { attachments: attached } : {}),
    commands: commandDigests(version),
    gate: version.gate,
    registration: version.source,
    training: trainingRun && {
      backend: trainingRun.backend,
      python: trainingRun.environment.python,
      resumedFrom: trainingRun.checkpoints.resumedFrom,
    },
  };
}

/** What the version is run by, as digests: the commands themselves are a person's words and may hold a secret. */
export function commandDigests({ predictCommand, serveCommand }: CommandsOfVersion): Record<string, string> {
  return {
    ...(predictCommand === null ? {} : { predict: sha256(new TextEncoder().encode(predictCommand)) }),
    ...(serveCommand === null ? {} : { serve: sha256(new TextEncoder().encode(serveCommand)) }),
  };
}
type CommandsOfVersion = Pick<ModelVersion, 'predictCommand' | 'serveCommand'>;

/** Everything that went into the model, with the role in which it did. */
function dependencies(
  { version, trainingRun }: KnownOfVersion,
  env: NodeJS.ProcessEnv,
): ResourceDescriptor[] {
  const source = sourceDependency(trainingRun?.source ?? version.source, env);
  // The record's own digest of several data files is none that a tool could recompute from one file.
  const data = (trainingRun?.data ?? []).map(({ path, digest }) => dependency('data', path, digest));
  const others = version.inputs
    .filter(({ role }) => role !== 'data' || data.length === 0)
    .map(({ role, name, digest }) => dependency(role, name, digest));
  const parent = version.parent === null ? [] : [dependency('parent', version.name, version.parent)];
  return [...(source ? [source] : []), ...data, ...others, ...parent];
}

function dependency(role: string, name: string, digest: string): ResourceDescriptor {
  return { name, digest: hexDigest(digest), annotations: { role } };
}

function sourceDependency(source: RecordSource, env: NodeJS.ProcessEnv): ResourceDescriptor | undefined {
  const { repository, commit } = source;
  if (!commit) return undefined;
  const digest = { gitCommit: commit };
  const annotations = { role: 'source' };
  // Outside GitHub only the path of the remote is known, not its server.
  if (!repository || !env.GITHUB_REPOSITORY) return { name: repository ?? 'source', digest, annotations };
  const ref = commit === env.GITHUB_SHA && env.GITHUB_REF ? `@${env.GITHUB_REF}` : '';
  return { uri: `git+${serverOf(env)}/${repository}${ref}`, digest, annotations };
}

function builderOf(env: NodeJS.ProcessEnv): string {
  return env.GITHUB_WORKFLOW_REF ? `${serverOf(env)}/${env.GITHUB_WORKFLOW_REF}` : UNKNOWN_BUILDER;
}

function metadata({ version, trainingRun }: KnownOfVersion, env: NodeJS.ProcessEnv) {
  const runUrl = trainingRun ? trainingRun.source.runUrl : version.source.runUrl;
  const isThisRun = runUrl !== null && runUrl === version.source.runUrl;
  const attempt = isThisRun && env.GITHUB_RUN_ATTEMPT ? `/attempts/${env.GITHUB_RUN_ATTEMPT}` : '';
  return {
    ...(runUrl === null ? {} : { invocationId: `${runUrl}${attempt}` }),
    ...(trainingRun ? { startedOn: startOf(trainingRun), finishedOn: trainingRun.createdAt } : {}),
  };
}

/** A record is made when its run is over. */
function startOf({ createdAt, durationSeconds }: TrainingRun): string {
  return new Date(Date.parse(createdAt) - durationSeconds * 1000).toISOString();
}

/** The records kept with the version, by the digest of their very bytes: whoever changes one is found out. */
function byproducts({ trainingRun, evaluation }: KnownOfVersion): ResourceDescriptor[] {
  return [trainingRun, evaluation]
    .filter((record) => record !== undefined)
    .map((record) => ({
      name: record.kind,
      digest: hexDigest(sha256(writeRecordText(record))),
      annotations: { verdict: record.verdict },
    }));
}

function serverOf(env: NodeJS.ProcessEnv): string {
  return (env.GITHUB_SERVER_URL || 'https://github.com').replace(/\/+$/, '');
}

/** `sha256:<hex>` → `{sha256: <hex>}`. */
function hexDigest(digest: string): Record<string, string> {
  return { sha256: digest.replace(/^sha256:/, '') };
}
