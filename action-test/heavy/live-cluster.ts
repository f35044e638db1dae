import { type KubernetesObject, RESOURCES } from '../../actions/canary-deploy/targets/kubernetes/kinds.ts';
import { NAMESPACE } from '../kubernetes/api-stand-in.ts';
import { type Behaviour, type Cluster, runControllers } from '../kubernetes/controllers.ts';
import type { KubeApiServer } from './kube-api-server.ts';

/** What the stand-in's controllers would do, written into the `status` of the real objects. */
export class LiveCluster implements Cluster {
  behaviour: Behaviour = { delay: 2, broken: [], gateway: true };
  time = 0;
  /** What the API server does not take of what the stand-in's controllers write. */
  readonly problems: string[] = [];
  readonly #server: KubeApiServer;
  #objects = new Map<string, KubernetesObject[]>();
  #written: Promise<unknown>[] = [];
  #isOver = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(server: KubeApiServer) {
    this.#server = server;
  }

  find(plural: string, name: string): KubernetesObject | undefined {
    return this.all(plural).find(({ metadata }) => metadata.name === name);
  }

  all(plural: string): KubernetesObject[] {
    return this.#objects.get(plural) ?? [];
  }

  store(plural: string, object: KubernetesObject): void {
    if (plural === 'pods') return;
    const path = `${pathOf(plural)}/${object.metadata.name}/status`;
    this.#written.push(
      this.#server.ask('PUT', path, object).catch((error: Error) => {
        // Somebody else may have been faster: then the next turn writes it.
        if (!error.message.includes(': 409 ')) this.problems.push(error.message);
      }),
    );
  }

  start(): void {
    this.#ended = this.#turn();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #turn(): Promise<void> {
    while (!this.#isOver) {
      for (const plural of ['deployments', 'httproutes', 'inferenceservices']) {
        const { items, apiVersion, kind } = (await this.#server.ask('GET', pathOf(plural))) as {
          items: KubernetesObject[];
          apiVersion: string;
          kind: string;
        };
        const own = { apiVersion, kind: kind.replace(/List$/, '') };
        this.#objects.set(
          plural,
          items.map((item) => ({ ...own, ...item })),
        );
      }
      this.time += 1;
      runControllers(this);
      await Promise.all(this.#written.splice(0));
    }
  }
}

/** Where the API server has the objects of a kind. */
export function pathOf(plural: string): string {
  const { apiVersion } = Object.values(RESOURCES).find((one) => one.plural === plural)!;
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/namespaces/${NAMESPACE}/${plural}`;
}
