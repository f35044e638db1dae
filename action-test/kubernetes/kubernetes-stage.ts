/** A stand-in with a champion, two registered versions, and the action that rolls one of them out over it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { CanaryStage } from '../../actions/canary-deploy/fixtures/canary-stage.ts';
import { openTestRegistry, registerVersion } from '../../actions/canary-deploy/fixtures/registered-model.ts';
import type { ApiStandIn } from './api-stand-in.ts';
import { type SampleResource, sampleCluster } from './sample-cluster.ts';
import { expectSettled } from './settled.ts';

const BUNDLE = join(import.meta.dirname, '../../dist/canary-deploy/index.mjs');

interface Version {
  digest: string;
  uri: string;
}

export class KubernetesStage {
  readonly resource: SampleResource;
  readonly cluster: ApiStandIn;
  readonly stage: CanaryStage;
  readonly versions: [Version, Version];

  private constructor(parts: Pick<KubernetesStage, 'resource' | 'cluster' | 'stage' | 'versions'>) {
    this.resource = parts.resource;
    this.cluster = parts.cluster;
    this.stage = parts.stage;
    this.versions = parts.versions;
  }

  /** The first version serves, and the alias names it. */
  static async create(resource: SampleResource): Promise<KubernetesStage> {
    const stage = await CanaryStage.create();
    const versions: [Version, Version] = [
      await registerVersion(stage.folder, { name: 'first' }, { evaluation: 'pass' }),
      await registerVersion(stage.folder, { name: 'second' }, { evaluation: 'pass' }),
    ];
    const cluster = await sampleCluster(resource, versions[0].digest);
    // The action waits a second between two looks at what changes.
    cluster.behaviour.delay = 0;
    await writeFile(stage.file('kubeconfig'), cluster.kubeconfig());
    stage.env.KUBECONFIG = stage.file('kubeconfig');
    const made = new KubernetesStage({ resource, cluster, stage, versions });
    await made.count(0);
    await made.rules('steps: [{weight: 20, bake: 300ms}, {weight: 50, bake: 300ms}]');
    await stage.run(made.#given({ model: versions[0].uri }));
    return made;
  }

  /** What the monitoring counts from now on, at each look. @param errors of 1,000 requests to the challenger. */
  async count(errors: number): Promise<void> {
    await writeFile(this.stage.file('champion.json'), JSON.stringify({ requests: 1000, errors: 0 }));
    await writeFile(this.stage.file('challenger.json'), JSON.stringify({ requests: 1000, errors }));
  }

  /** @param rules what the rollout file says beside its analysis and its source. */
  async rules(rules: string): Promise<void> {
    await writeFile(
      this.stage.file('rollout.yaml'),
      [
        ...['version: 1', rules, 'analysis: {interval: 100ms, min_requests: 20, max_extend: 20s}'],
        `metrics: {command: 'cat "${this.stage.folder}/$ARM.json"'}`,
      ].join('\n'),
    );
  }

  /** The version that the alias names. */
  async champion(): Promise<Version> {
    const { champion } = await (await openTestRegistry(this.stage.folder)).aliases();
    return this.versions.find(({ digest }) => digest === champion)!;
  }

  /** The other version. */
  async challenger(): Promise<Version> {
    const { digest } = await this.champion();
    return this.versions.find((version) => version.digest !== digest)!;
  }

  /** Performs an operation in this process. */
  run(given: Record<string, string>) {
    return this.stage.run(this.#given(given));
  }

  /** Starts the bundle as a process of its own, as a runner would. */
  spawn(given: Record<string, string>) {
    return this.stage.spawn(this.#given(given), BUNDLE);
  }

  /**
   * Begins a rollout of the other version, up to a request that the action makes, so that the speed of the machine does
   * not matter. @param isGone whether the API server answers nothing from that request on.
   */
  async rollOutUntil(request: RegExp, nth: number, isGone = false) {
    const { uri } = await this.challenger();
    let count = 0;
    const reached = new Promise<void>((resolve) => {
      this.cluster.fault = ({ what }) => {
        if (request.test(what)) count += 1;
        if (count < nth) return undefined;
        resolve();
        return isGone ? 'hangs' : undefined;
      };
    });
    const run = this.spawn({ model: uri });
    await Promise.race([reached, run.ended]);
    return { ...run, uri, isReached: count >= nth };
  }

  /** The job after one that was cancelled or killed: a re-run, or what a schedule starts. */
  async follow(how: 'run' | 'reconcile', uri: string, story: string): Promise<void> {
    this.cluster.fault = () => undefined;
    const settle = async (given: Record<string, string>): Promise<void> => {
      await this.run(given);
      await this.expectSettled(`${how} after ${story}`);
    };
    if (how === 'run') return settle({ model: uri });
    // A run that stored something within the last three looks is taken for alive.
    await vi.waitFor(() => settle({ operation: 'reconcile', 'stale-after': '1ms' }), {
      ...{ timeout: 10_000, interval: 100 },
    });
  }

  /** One model has all requests, nothing else runs, and nothing is left of a rollout. */
  async expectSettled(story: string): Promise<void> {
    const { digest: alias } = await this.champion();
    const { cluster, resource } = this;
    expectSettled({ cluster, resource, world: { alias, standing: {}, moves: [] } }, story);
  }

  async close(): Promise<void> {
    await this.stage.close();
    await this.cluster.close();
  }

  #given(given: Record<string, string>): Record<string, string | undefined> {
    const { operation = 'run' } = given;
    const isPlaced = this.resource === 'inferenceservice/churn' && ['run', 'rollback'].includes(operation);
    return {
      ...{ port: undefined, traffic: undefined, 'traffic-rate': undefined, 'serving-dir': undefined },
      ...{ target: 'kubernetes', 'kubernetes-resource': this.resource },
      ...(isPlaced && { 'storage-uri': 's3://models/churn/$digest' }),
      ...given,
    };
  }
}
