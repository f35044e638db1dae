/** A stand-in for AWS with a temporary folder, fresh for each test of the adapter of SageMaker. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../../action-test/sagemaker/fake.ts';
import {
  openRegistry,
  parseRegistry,
  type Registry,
  type RegistryOptions,
  type VersionDetails,
} from '../registries/registry.ts';

export const DETAILS: VersionDetails = {
  description: 'Churn, trained\non the rows of May 🚀',
  tags: { team: 'growth', 'odd key': 'value; with a sign that SageMaker refuses' },
  metrics: { roc_auc: 0.91, log_loss: Number.NaN },
  source: {
    repository: 'acme/churn',
    commit: 'a'.repeat(40),
    runUrl: 'https://github.com/acme/churn/actions/runs/1',
  },
  inputs: [{ role: 'data', name: 'train.csv', digest: `sha256:${'1'.repeat(64)}` }],
  parent: `sha256:${'2'.repeat(64)}`,
  standing: { approval: 'approved', stage: 'staging', by: 'gate', reason: 'the gate passed' },
  image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/serve:1',
};

export interface SageMakerStage {
  /** Of the present test. */
  readonly folder: string;
  readonly fake: FakeAws;
  /** Starts the services anew, with these options. */
  restart(options: FakeAwsOptions): Promise<void>;
  open(options?: Partial<RegistryOptions>, name?: string): Promise<Registry>;
  makeModel(name: string, content?: string): Promise<string>;
  packages(): FakePackages;
}
type FakePackages = FakeAws['state']['packages'] extends Map<unknown, infer Package> ? Package[] : never;

/** Registers what runs before and after each test; a test ends without a mistake of the stand-in. */
export function sageMakerStage(): SageMakerStage {
  let folder: string;
  let fake: FakeAws;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sagemaker-'));
    fake = await startFakeAws();
  });
  afterEach(async () => {
    await fake.close();
    expect(fake.mistakes).toEqual([]);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return folder;
    },
    get fake() {
      return fake;
    },
    async restart(options) {
      await fake.close();
      fake = await startFakeAws(options);
    },
    open: (options = {}, name = 'churn') =>
      openRegistry(parseRegistry('sagemaker:', name), {
        env: fake.env,
        wait: async () => undefined,
        ...options,
      }),
    async makeModel(name, content = name) {
      const path = join(folder, name);
      await mkdir(path, { recursive: true });
      await writeFile(join(path, 'model.pkl'), content);
      return path;
    },
    packages: () => [...fake.state.packages.values()],
  };
}
