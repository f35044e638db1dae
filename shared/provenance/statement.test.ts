import { describe, expect, test } from 'vitest';
import { sha256 } from '../records/canonical-json.ts';
import { writeRecordText } from '../records/text.ts';
import { sampleEvaluation, sampleTraining, sampleVersion } from '../testing/sample-records.ts';
import { commandDigests, provenanceStatement } from './statement.ts';

const COMMIT = sampleVersion().source.commit!;
const RUN = 'https://github.com/octocat/flights/actions/runs/7';
const hex = (digit: string) => ({ sha256: digit.repeat(64) });

/** As GitHub sets them in a job. */
const GITHUB = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octocat/flights',
  GITHUB_REPOSITORY_ID: '1296269',
  GITHUB_REPOSITORY_OWNER_ID: '583231',
  GITHUB_SHA: COMMIT,
  GITHUB_REF: 'refs/heads/main',
  GITHUB_WORKFLOW_REF: 'octocat/flights/.github/workflows/train-and-release.yml@refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_RUN_ID: '7',
  GITHUB_RUN_ATTEMPT: '2',
  RUNNER_ENVIRONMENT: 'github-hosted',
};

/** Everything that a run on GitHub knows. */
function everything() {
  const source = { ...sampleVersion().source, runUrl: RUN };
  const inputs = [
    { role: 'data', name: 'january.parquet', digest: sha256('several files') },
    { role: 'evaluation-data', name: 'february.parquet', digest: `sha256:${'e'.repeat(64)}` },
    { role: 'code', name: 'code', digest: `sha256:${'c'.repeat(64)}` },
  ];
  return {
    version: { ...sampleVersion(), source, inputs },
    trainingRun: { ...sampleTraining(), source },
    evaluation: sampleEvaluation(),
  };
}

const parse = (text: string) => JSON.parse(text);

describe('the statement of a version', () => {
  test('says all that a run on GitHub knows', () => {
    const known = everything();
    expect(parse(provenanceStatement(known, GITHUB))).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'flight-delays', digest: hex('b') }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:mlops-actions:model-version:v1',
          externalParameters: {
            workflow: {
              repository: 'https://github.com/octocat/flights',
              path: '.github/workflows/train-and-release.yml',
              ref: 'refs/heads/main',
            },
            training: {
              command: 'python train.py --trees 300',
              params: { learning_rate: 0.1, trees: 300 },
            },
          },
          internalParameters: {
            commands: commandDigests(sampleVersion()),
            gate: 'passed',
            github: {
              event_name: 'push',
              repository_id: '1296269',
              repository_owner_id: '583231',
              runner_environment: 'github-hosted',
            },
            registration: { repository: 'octocat/flights', commit: COMMIT, runUrl: RUN },
            training: { backend: 'local', python: '3.11.2', resumedFrom: 'nothing' },
          },
          resolvedDependencies: [
            {
              uri: 'git+https://github.com/octocat/flights@refs/heads/main',
              digest: { gitCommit: COMMIT },
              annotations: { role: 'source' },
            },
            { name: 'january.parquet', digest: hex('d'), annotations: { role: 'data' } },
            { name: 'february.parquet', digest: hex('e'), annotations: { role: 'evaluation-data' } },
            { name: 'code', digest: hex('c'), annotations: { role: 'code' } },
            { name: 'flight-delays', digest: hex('a'), annotations: { role: 'parent' } },
          ],
        },
        runDetails: {
          builder: {
            id: 'https://github.com/octocat/flights/.github/workflows/train-and-release.yml@refs/heads/main',
          },
          metadata: {
            invocationId: `${RUN}/attempts/2`,
            startedOn: '2026-11-24T10:01:18.700Z',
            finishedOn: '2026-11-24T10:02:00.000Z',
          },
          byproducts: [known.trainingRun, known.evaluation].map((record) => ({
            name: record.kind,
            digest: { sha256: sha256(writeRecordText(record)).slice('sha256:'.length) },
            annotations: { verdict: record.verdict },
          })),
        },
      },
    });
  });

  test('is the same bytes from the same knowledge, in whatever order it is given', () => {
    const { version, trainingRun, evaluation } = everything();
    const reversed = Object.fromEntries(Object.entries(version).reverse()) as typeof version;
    const env = Object.fromEntries(Object.entries(GITHUB).reverse());
    expect(provenanceStatement({ evaluation, trainingRun, version: reversed }, env)).toBe(
      provenanceStatement({ version, trainingRun, evaluation }, GITHUB),
    );
  });

  test('on a laptop claims no server, no builder and no run', () => {
    const version = sampleVersion();
    const { predicate } = parse(provenanceStatement({ version: { ...version, parent: null } }, {}));
    expect(predicate).toEqual({
      buildDefinition: {
        buildType: 'urn:mlops-actions:model-version:v1',
        externalParameters: {},
        internalParameters: {
          commands: commandDigests(version),
          gate: 'passed',
          registration: version.source,
        },
        resolvedDependencies: [
          { name: 'octocat/flights', digest: { gitCommit: COMMIT }, annotations: { role: 'source' } },
          // Without a TrainingRun the record's own digest is all that is known of the data.
          { name: 'january.parquet', digest: hex('d'), annotations: { role: 'data' } },
        ],
      },
      runDetails: {
        builder: { id: 'urn:mlops-actions:builder:outside-github' },
        metadata: {},
        byproducts: [],
      },
    });
  });

  test('of a model that another run trained names that run and its commit, not this one as theirs', () => {
    const known = everything();
    const earlier = {
      repository: 'octocat/flights',
      commit: 'e'.repeat(40),
      runUrl: RUN.replace('/7', '/5'),
    };
    const trainingRun = { ...known.trainingRun, source: earlier };
    const { predicate } = parse(provenanceStatement({ ...known, trainingRun }, GITHUB));
    expect(predicate.runDetails.metadata.invocationId).toBe(earlier.runUrl);
    expect(predicate.buildDefinition.internalParameters.registration.runUrl).toBe(RUN);
    // The branch of this run need not be that of the other.
    expect(predicate.buildDefinition.resolvedDependencies[0]).toEqual({
      uri: 'git+https://github.com/octocat/flights',
      digest: { gitCommit: earlier.commit },
      annotations: { role: 'source' },
    });
  });

  test('holds no variable that GitHub does not tell everybody, and of commands that serve no word', () => {
    const secrets = {
      GITHUB_TOKEN: 'canary-token',
      COSIGN_PASSWORD: 'canary-password',
      AWS_SECRET_ACCESS_KEY: 'canary-key',
      RUNNER_NAME: 'canary-machine',
      HOME: '/home/canary',
    };
    const known = everything();
    // These must run and so cannot be masked in their record.
    const version = {
      ...known.version,
      predictCommand: 'canary-predict',
      serveCommand: 'canary-serve',
      registry: 'mlflow:https://canary:canary@host',
    };
    const statement = provenanceStatement({ ...known, version }, { ...GITHUB, ...secrets });
    expect(statement).not.toContain('canary');
    const { commands } = parse(statement).predicate.buildDefinition.internalParameters;
    expect(commands).toEqual({
      predict: sha256(Buffer.from('canary-predict')),
      serve: sha256(Buffer.from('canary-serve')),
    });
  });

  test('of a model without a commit names no source', () => {
    const version = {
      ...sampleVersion(),
      source: { repository: null, commit: null, runUrl: null },
      inputs: [],
    };
    const { predicate } = parse(provenanceStatement({ version }, {}));
    const roles = predicate.buildDefinition.resolvedDependencies.map(
      (one: { annotations: { role: string } }) => one.annotations.role,
    );
    expect(roles).toEqual(['parent']);
  });
});
