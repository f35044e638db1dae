/**
 * Runners for one job against moto's EC2, which others wrote, and GitHub over HTTP: what a machine is really asked to be,
 * and every request to either met by every fault. moto launches twice for one ClientToken, where EC2 launches once: so
 * a lost answer leaves two machines here, and both must be found and ended.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunnerEffects, Services } from '../../actions/train-on-gpu-runner/runners/effects.ts';
import { configurationIn } from '../../actions/train-on-gpu-runner/runners/fixtures/world.ts';
import { launchRunner, type RunnerRequest } from '../../actions/train-on-gpu-runner/runners/launch.ts';
import { reapRunners } from '../../actions/train-on-gpu-runner/runners/reap.ts';
import { stopRunner } from '../../actions/train-on-gpu-runner/runners/stop.ts';
import { Ec2Machines } from '../../shared/aws/machines.ts';
import { openRunnerService } from '../../shared/github/self-hosted-runners.ts';
import { countFaultCases } from '../../shared/testing/fault-cases.ts';
import { FAULTS, type Fault, startFaultProxy } from '../../shared/testing/fault-proxy.ts';
import { RunnerStore } from '../../shared/testing/github-runners.ts';
import { type LoopbackServer, readBody, startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { silentLog } from '../../shared/testing/silent-log.ts';
import { startMoto } from './moto-server.ts';

const moto = process.env.MLOPS_TEST_MOTO;
if (!moto && process.env.CI === 'true')
  test('moto is there', () => expect.fail('MLOPS_TEST_MOTO names no interpreter with moto'));

const REPOSITORY = 'octocat/flights';
const MINUTE = 60_000;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const ALIVE = ['pending', 'running', 'stopping', 'stopped'];

describe.skipIf(!moto)('runners on EC2', () => {
  let folder: string;
  let aws: { url: string; end: () => Promise<void> };
  let github: LoopbackServer;
  let store: RunnerStore;
  let direct: EC2Client;
  let request: RunnerRequest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ec2-moto-'));
    aws = await startMoto(moto!, folder);
    github = await startLoopbackServer(async (message, response) => {
      const bytes = await readBody(message);
      const body: unknown = bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
      const url = new URL(message.url ?? '/', `http://${message.headers.host}`);
      const { status, json, link } = store.answer(message.method ?? 'GET', url, body) ?? { status: 404 };
      response.writeHead(status, { 'content-type': 'application/json', ...(link && { link }) });
      response.end(json === undefined ? '' : JSON.stringify(json));
    });
    direct = new EC2Client({ endpoint: aws.url, region: 'eu-central-1', credentials });
    const { Images = [] } = await direct.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
    const image = Images.find(
      ({ Architecture, RootDeviceName, Platform }) =>
        Architecture === 'x86_64' && RootDeviceName && Platform?.toLowerCase() !== 'windows',
    )!;
    const { Subnets = [] } = await direct.send(new DescribeSubnetsCommand({}));
    const group = new CreateSecurityGroupCommand({ GroupName: 'runners', Description: 'no way in' });
    const { GroupId } = await direct.send(group);
    request = {
      ...{
        repository: REPOSITORY,
        run: '17',
        attempt: 1,
        name: 'flight-delays',
        runner: 'mlops-flights-17-1-abc',
      },
      ...{
        instanceTypes: ['g5.xlarge', 'g4dn.xlarge'],
        market: 'spot-then-on-demand',
        image: image.ImageId!,
      },
      ...{ subnets: [Subnets[0]!.SubnetId!], securityGroups: [GroupId!], instanceProfile: undefined },
      ...{ labels: ['gpu'], group: 1, lifetimeMs: 6 * 60 * MINUTE, volumeGiB: 40 },
      ...{ registrationMs: 10 * MINUTE, idleMs: 15 * MINUTE },
    };
  });

  beforeEach(begin);

  afterAll(async () => {
    direct.destroy();
    await github.close();
    await aws.end();
    await rm(folder, { recursive: true, force: true });
  });

  function begin(): void {
    store = new RunnerStore();
    store.runs.set('17', { status: 'in_progress', attempt: 1 });
  }

  async function alive() {
    const { Reservations = [] } = await direct.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances).filter(({ State }) =>
      ALIVE.includes(State?.Name ?? ''),
    );
  }

  async function scriptOf(InstanceId: string): Promise<string> {
    const attribute = new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' });
    const { UserData } = await direct.send(attribute);
    return Buffer.from(UserData?.Value ?? '', 'base64').toString();
  }

  /** What a machine does when it boots: it comes to GitHub with the configuration in its script. */
  async function boot(): Promise<void> {
    for (const { InstanceId } of await alive()) store.connect(configurationIn(await scriptOf(InstanceId!)));
  }

  async function effectsAt(places: { aws: string; github: string }, later = 0): Promise<RunnerEffects> {
    const env = {
      ...{ AWS_ENDPOINT_URL: places.aws, AWS_REGION: 'eu-central-1' },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', GITHUB_API_URL: places.github },
    };
    const services = async (): Promise<Services> => ({
      github: await openRunnerService(REPOSITORY, { token: 'administration', env }),
      machines: new Ec2Machines({ env }, async () => {}),
    });
    return {
      ...(await services()),
      ...{ log: silentLog, now: () => new Date(Date.now() + later), wait: boot, repository: REPOSITORY },
      afterwards: services,
    };
  }
  const here = (later = 0) => effectsAt({ aws: aws.url, github: github.url }, later);

  test('launches what was asked, tagged with its volume, and ends it by its tags', async () => {
    const launched = await launchRunner(request, await here(), () => {});
    const [machine, ...others] = await alive();
    expect(others).toEqual([]);
    expect(machine).toMatchObject({
      ...{ InstanceId: launched.machine.id, InstanceType: 'g5.xlarge', SubnetId: request.subnets[0] },
      ...{ InstanceLifecycle: 'spot', SecurityGroups: [{ GroupId: request.securityGroups[0] }] },
      MetadataOptions: { HttpTokens: 'required' },
    });
    const tags = (all: { Key?: string; Value?: string }[] = []) =>
      Object.fromEntries(all.map(({ Key, Value }) => [Key, Value]));
    expect(tags(machine!.Tags)).toEqual(launched.machine.tags);
    expect(tags(machine!.Tags)).toMatchObject({
      ...{ 'mlops:gpu-runner': request.runner, 'mlops:run': '17', 'mlops:repository': REPOSITORY },
      'mlops:runner-id': String(launched.runnerId),
    });
    const Filters = [{ Name: 'attachment.instance-id', Values: [launched.machine.id] }];
    const { Volumes = [] } = await direct.send(new DescribeVolumesCommand({ Filters }));
    expect(Volumes.map(({ Size }) => Size)).toEqual([40]);
    expect(tags(Volumes[0]!.Tags)).toEqual(launched.machine.tags);
    const behaviour = new DescribeInstanceAttributeCommand({
      ...{ InstanceId: launched.machine.id, Attribute: 'instanceInitiatedShutdownBehavior' },
    });
    const { InstanceInitiatedShutdownBehavior } = await direct.send(behaviour);
    expect(InstanceInitiatedShutdownBehavior?.Value).toBe('terminate');
    const script = join(folder, 'user-data.sh');
    await writeFile(script, await scriptOf(launched.machine.id));
    await promisify(execFile)('bash', ['-n', script]);

    const runner = store.named(request.runner)!;
    store.takeJob(runner);
    expect((await reapRunners(await here(20 * MINUTE))).machines).toMatchObject([
      { state: 'left', busy: true },
    ]);
    store.finishJob(runner);
    const stopped = await stopRunner({ run: '17', name: 'flight-delays' }, await here());
    expect(stopped).toMatchObject({ machines: [{ state: 'ended' }], ghosts: [], githubProblem: '' });
    expect(await alive()).toEqual([]);
    expect((await reapRunners(await here())).machines).toEqual([]);
  });

  test('says what is wrong with an image that does not exist', async () => {
    const wrong = { ...request, image: 'ami-0123456789abcdef0' };
    await expect(launchRunner(wrong, await here(), () => {})).rejects.toThrow(
      'There is no machine image ami-0123456789abcdef0 in this region.',
    );
    expect(store.runners).toEqual([]);
  });

  /** One process meets one fault; then its job ends, and `reap` looks. @returns whether it met it. */
  async function scene(side: 'aws' | 'github', fault: Fault, index: number, wasBusy: { times: number }) {
    begin();
    const proxies = { aws: await startFaultProxy(aws.url), github: await startFaultProxy(github.url) };
    proxies[side].arm(fault, index);
    const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
    const effects = await effectsAt({ aws: proxies.aws.url, github: proxies.github.url });
    const isDead = () => fault.startsWith('killed') && proxies[side].hasStruck();
    // Clients would try again for a while before they tell of it.
    const watch = setInterval(() => isDead() && kill(), 5);
    const process = mortal(effects, isDead);
    const end = await Promise.race([
      launchRunner(request, process, () => {}).then(
        () => 'online',
        (error: unknown) => error,
      ),
      killed,
    ]);
    clearInterval(watch);
    const struck = proxies[side].hasStruck();
    await Promise.all([proxies.aws.close(), proxies.github.close()]);
    const told = `${fault} at request ${index} to ${side}`;
    if (!struck) expect(end, told).toBe('online');
    await boot();
    for (const runner of store.runners) store.takeJob(runner);
    const busy = (await alive()).filter(() => store.runners.some((runner) => runner.busy));
    await reapRunners(await here(20 * MINUTE));
    const kept = (await alive()).map(({ InstanceId }) => InstanceId);
    expect(kept, told).toEqual(busy.map(({ InstanceId }) => InstanceId));
    wasBusy.times += busy.length > 0 ? 1 : 0;
    for (const runner of [...store.runners]) store.finishJob(runner);
    store.runs.set('17', { status: 'completed', attempt: 1 });
    const reaped = await reapRunners(await here(20 * MINUTE));
    expect(reaped.githubProblem, told).toBe('');
    expect(await alive(), told).toEqual([]);
    expect(store.runners, told).toEqual([]);
    return struck;
  }

  test.for(['aws', 'github'] as const)('every request to %s meets every fault', async (side, context) => {
    let cases = 0;
    const wasBusy = { times: 0 };
    for (const fault of FAULTS)
      for (let index = 0; await scene(side, fault, index, wasBusy); index++) cases += 1;
    expect(cases).toBeGreaterThan(11);
    expect(wasBusy.times).toBeGreaterThan(3);
    countFaultCases(context, cases);
  });
});

/** A process that sends nothing any more once it is dead. */
function mortal(effects: RunnerEffects, isDead: () => boolean): RunnerEffects {
  const never = new Promise<never>(() => {});
  const guarded = <Service extends object>(service: Service): Service =>
    new Proxy(service, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return (...words: unknown[]) => {
          const answer = isDead() ? never : Promise.resolve(Reflect.apply(member, target, words));
          return answer.finally(() => (isDead() ? never : undefined));
        };
      },
    });
  return {
    ...effects,
    ...{ github: guarded(effects.github), machines: guarded(effects.machines) },
    afterwards: async () => {
      if (isDead()) return never;
      const { github, machines } = await effects.afterwards();
      return { github: guarded(github), machines: guarded(machines) };
    },
  };
}
