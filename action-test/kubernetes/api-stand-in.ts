/**
 * A stand-in of the Kubernetes API server on the loopback interface; it is none, and its version says so. It stores
 * objects by path, refuses a replacement of an old version (409), an account without a permission (401, 403) and what the
 * real schemas do not allow (422), and runs a few controllers on a clock of its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../../actions/canary-deploy/targets/kubernetes/kinds.ts';
import { type Behaviour, type Cluster, runControllers } from './controllers.ts';
import { checkObject } from './schema-check.ts';

const KINDS: Record<string, string> = {
  configmaps: 'ConfigMap',
  pods: 'Pod',
  deployments: 'Deployment',
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
  httproutes: 'HTTPRoute',
  inferenceservices: 'InferenceService',
};
const GROUPS = [
  'v1',
  'apps/v1',
  'autoscaling/v2',
  'gateway.networking.k8s.io/v1',
  'serving.kserve.io/v1beta1',
];
const PATH = /^\/(?:api|apis)\/(.+)\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?$/;
const PROXY = /^\/api\/v1\/namespaces\/models\/services\/([^/:]+):(\d+)\/proxy(\/.*)$/;

export const TOKEN = 'stand-in-token';
export const NAMESPACE = 'models';

/** How one request goes wrong: before it takes effect, or after. */
export type Fault =
  | 'fails'
  | 'throttled'
  | 'hangs'
  | 'takes effect and is lost'
  /** The one who asks is no longer there: nothing that it asks from now on takes effect. */
  | 'killed before'
  | 'killed after';

export interface StandInRequest {
  /** 1 for the first. */
  number: number;
  /** `update deployments/churn-blue` */
  what: string;
}

export class ApiStandIn implements Cluster {
  behaviour: Behaviour = { delay: 3, broken: [], gateway: true };
  time = 0;
  readonly asked: StandInRequest[] = [];
  /** What is wrong with what it was sent or stores; a test expects none. */
  readonly problems: string[] = [];
  /** `update deployments` */
  readonly forbidden = new Set<string>();
  fault: (request: StandInRequest) => Fault | undefined = () => undefined;
  /** Called before a request takes effect: another writer. */
  before: (request: StandInRequest) => void = () => undefined;
  /** What the pods of a Service answer. */
  serve: (service: string, path: string, body: string) => { status: number; text: string } = () => ({
    status: 200,
    text: '{"predictions":[1]}',
  });
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #hanging = new Set<ServerResponse>();
  #version = 0;
  #close: () => Promise<void> = async () => undefined;
  address = '';

  static async start(): Promise<ApiStandIn> {
    const standIn = new ApiStandIn();
    const server = createServer((request, response) => void standIn.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    standIn.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    standIn.#close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return standIn;
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Plain HTTP is what the client refuses unless it is told to trust the server. */
  kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'stand-in', cluster: { server: this.address, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'tester', user: { token: TOKEN } }],
      contexts: [
        { name: 'test', context: { cluster: 'stand-in', user: 'tester', namespace: NAMESPACE } },
        { name: 'elsewhere', context: { cluster: 'stand-in', user: 'tester' } },
      ],
      'current-context': 'test',
    });
  }

  find(plural: string, name: string): KubernetesObject | undefined {
    return this.#objects.get(`${plural}/${name}`);
  }

  all(plural: string): KubernetesObject[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object);
  }

  /** As a person would with kubectl. */
  put(plural: string, object: KubernetesObject & { spec?: unknown; data?: unknown }): void {
    const before = this.find(plural, object.metadata.name) as { spec?: unknown } | undefined;
    const isSame = before && JSON.stringify(before.spec) === JSON.stringify(object.spec);
    const generation = (this.find(plural, object.metadata.name)?.metadata.generation ?? 0) + (isSame ? 0 : 1);
    this.store(plural, { ...object, metadata: { ...object.metadata, generation } });
  }

  remove(plural: string, name: string): void {
    this.#objects.delete(`${plural}/${name}`);
  }

  store(plural: string, object: KubernetesObject): void {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const stored = { ...object, metadata };
    this.problems.push(...checkObject(KINDS[plural] ?? plural, stored));
    this.#objects.set(`${plural}/${metadata.name}`, stored);
  }

  /** Until the controllers have nothing to do. */
  settle(): void {
    for (let turn = 0; turn <= this.behaviour.delay; turn += 1) {
      this.time += 1;
      runControllers(this);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const url = new URL(request.url ?? '/', this.address);
    const asked = this.#understand(request.method ?? '', url);
    this.time += 1;
    runControllers(this);
    this.asked.push(asked);
    this.before(asked);
    const fault = this.fault(asked);
    if (fault === 'fails') return send(response, 503, failure(503, 'etcdserver: request timed out'));
    if (fault === 'throttled') return send(response, 429, failure(429, 'too many requests'));
    if (fault === 'killed before') return send(response, 403, failure(403, 'the process is gone'));
    if (fault === 'hangs') return void this.#hanging.add(response);
    const isKnown = request.headers.authorization === `Bearer ${TOKEN}`;
    const { status, value } = isKnown
      ? this.#do(request.method ?? '', url, body, asked.what)
      : { status: 401, value: failure(401, 'Unauthorized') };
    if (fault === 'killed after') return send(response, 403, failure(403, 'the process is gone'));
    if (fault === 'takes effect and is lost') return void this.#hanging.add(response);
    send(response, status, value);
  }

  #understand(method: string, url: URL): StandInRequest {
    const [, , , plural = '', name] = PATH.exec(url.pathname) ?? [];
    const proxied = PROXY.exec(url.pathname);
    const verbs: Record<string, string> = { GET: name ? 'get' : 'list', POST: 'create', PUT: 'update' };
    const what = proxied
      ? `${method === 'GET' ? 'get' : 'create'} services/proxy`
      : `${verbs[method] ?? method} ${plural}${name ? `/${name}` : ''}`;
    return { number: this.asked.length + 1, what };
  }

  #do(method: string, url: URL, body: string, what: string): { status: number; value: unknown } {
    const verb = what.replace(/^(\w+ services\/proxy|\w+ \w+).*$/, '$1');
    if (this.forbidden.has(verb)) return refuse(403, `User "tester" cannot ${verb}`);
    const proxied = PROXY.exec(url.pathname);
    if (proxied) {
      const { status, text } = this.serve(proxied[1]!, proxied[3]!, body);
      return { status, value: JSON.parse(text) };
    }
    const [, version = '', namespace, plural = '', name] = PATH.exec(url.pathname) ?? [];
    const kind = KINDS[plural];
    if (!kind || namespace !== NAMESPACE || !GROUPS.includes(version))
      return refuse(404, `the server could not find the requested resource`);
    if (method === 'GET' && !name)
      return { status: 200, value: { kind: `${kind}List`, items: this.#list(plural, url) } };
    const given = body ? (JSON.parse(body) as KubernetesObject) : undefined;
    const target = name ?? given?.metadata.name ?? '';
    const found = this.find(plural, target);
    if (method === 'POST' && found) return refuse(409, `${plural} "${target}" already exists`);
    if (method !== 'POST' && !found) return refuse(404, `${plural} "${target}" not found`);
    if (!given) return { status: 200, value: { apiVersion: version, kind, ...found } };
    return this.#write({ plural, kind, found, given });
  }

  #list(plural: string, url: URL): KubernetesObject[] {
    const wanted = (url.searchParams.get('labelSelector') ?? '').split(',').filter(Boolean);
    const labels = ({ metadata }: KubernetesObject) =>
      Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    return this.all(plural).filter((object) => wanted.every((pair) => labels(object).includes(pair)));
  }

  #write(request: {
    plural: string;
    kind: string;
    found: KubernetesObject | undefined;
    given: KubernetesObject & { status?: unknown; spec?: unknown };
  }): { status: number; value: unknown } {
    const { plural, kind, found, given } = request;
    const isOld = found && given.metadata.resourceVersion !== found.metadata.resourceVersion;
    if (isOld)
      return refuse(409, 'the object has been modified; please apply your changes to the latest version');
    const wrong = checkObject(kind, given);
    if (wrong.length > 0) {
      this.problems.push(...wrong);
      return refuse(422, wrong.join('; '));
    }
    const { status } = (found ?? {}) as { status?: unknown };
    this.put(plural, { ...given, ...(status === undefined ? {} : { status }) });
    return { status: found ? 200 : 201, value: this.find(plural, given.metadata.name) };
  }
}

const failure = (code: number, message: string) => ({ kind: 'Status', status: 'Failure', code, message });
const refuse = (status: number, message: string) => ({ status, value: failure(status, message) });

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', server: 'stand-in, no Kubernetes' });
  response.end(JSON.stringify(value));
}
