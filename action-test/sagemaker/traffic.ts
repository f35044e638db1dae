/** Requests to endpoints, one by one through the runtime or by the minute, and what CloudWatch counts of them. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { behaviourOf, chosen, type Outcome, outcomeOf, servingNow } from './behaviour.ts';
import type { Endpoint } from './endpoint-shapes.ts';
import { addValue, binOf, type MetricBin, MINUTE, seriesKey } from './metric-store.ts';
import type { ServingVariant } from './model-behaviour.ts';
import type { SageMakerWorld } from './state.ts';

const REQUESTS = 'AWS/SageMaker';
const INSTANCES = '/aws/sagemaker/Endpoints';

/** Lets the traffic of a stretch of time pass, by the weights in force in it. Its end is at most a minute away. */
export function flow(
  endpoint: Endpoint,
  { from, to, requestsPerMinute }: { from: number; to: number; requestsPerMinute: number },
  world: SageMakerWorld,
): void {
  endpoint.carried += (requestsPerMinute * (to - from)) / MINUTE;
  const requests = Math.floor(endpoint.carried + 1e-9);
  endpoint.carried -= requests;
  const doors = requests > 0 ? doorsOf(endpoint, from, world) : [];
  const production = doors.filter(({ isShadow }) => !isShadow);
  for (let request = 0; request < requests; request++) {
    chosen(production, world.draw)?.answer();
    mirror(doors, world);
  }
}

/** A variant that serves, its behaviour, and a request to it that is counted. */
interface Door extends ServingVariant {
  behaviour: ReturnType<typeof behaviourOf>;
  answer(): Outcome;
}

const doorsOf = (endpoint: Endpoint, at: number, world: SageMakerWorld): Door[] =>
  servingNow(endpoint).map((variant) => {
    const behaviour = behaviourOf(variant.model, world);
    const count = counterOf(endpoint, variant, at, world);
    const answer = () => {
      const outcome = outcomeOf(behaviour, world.draw);
      count(outcome);
      return outcome;
    };
    return { ...variant, behaviour, answer };
  });

function mirror(doors: Door[], world: SageMakerWorld): void {
  for (const door of doors) if (door.isShadow && world.draw() < door.share) door.answer();
}

const REQUEST_METRICS = [
  ...(['Invocations', 'Invocation4XXErrors', 'Invocation5XXErrors', 'InvocationModelErrors'] as const),
  ...(['ModelLatency', 'OverheadLatency'] as const),
];
type RequestMetric = (typeof REQUEST_METRICS)[number];
const knownKeys = new Map<string, Record<RequestMetric, string[]>>();

/** The series of each metric: without the configuration, and with it. */
function requestKeys(endpoint: string, variant: string, config: string): Record<RequestMetric, string[]> {
  const whose = `${endpoint} ${variant} ${config}`;
  const known = knownKeys.get(whose);
  if (known) return known;
  const dimensions = [
    { Name: 'EndpointName', Value: endpoint },
    { Name: 'VariantName', Value: variant },
  ];
  const both = [dimensions, [...dimensions, { Name: 'EndpointConfigName', Value: config }]];
  const made = Object.fromEntries(
    REQUEST_METRICS.map((metric) => [metric, both.map((own) => seriesKey(REQUESTS, metric, own))]),
  ) as Record<RequestMetric, string[]>;
  knownKeys.set(whose, made);
  return made;
}

/** Counts outcomes in a minute. With deployment guardrails CloudWatch has each metric per configuration, too. */
function counterOf(
  { name }: Endpoint,
  { variant, config }: ServingVariant,
  at: number,
  { state }: SageMakerWorld,
): (outcome: Outcome) => void {
  const keysOf = requestKeys(name, variant, config);
  const binsOf = (metric: RequestMetric) => keysOf[metric].map((key) => binOf(state.metrics, key, at));
  const values: [MetricBin[], (outcome: Outcome) => number][] = [
    [binsOf('Invocations'), () => 1],
    [binsOf('Invocation4XXErrors'), ({ status }) => Number(status >= 400 && status < 500)],
    [binsOf('Invocation5XXErrors'), ({ status }) => Number(status >= 500)],
    [binsOf('InvocationModelErrors'), ({ status }) => Number(status !== 200)],
    [binsOf('ModelLatency'), ({ latency }) => latency],
    [binsOf('OverheadLatency'), ({ overhead }) => overhead],
  ];
  return (outcome) => {
    for (const [bins, of] of values) for (const bin of bins) addValue(bin, of(outcome));
  };
}

/** What the instances of an endpoint say of themselves, once a minute. @param at in that minute. */
export function sampleInstances(endpoint: Endpoint, at: number, world: SageMakerWorld): void {
  for (const { variant, model, instances } of servingNow(endpoint)) {
    const { cpu, memory, gpu } = behaviourOf(model, world);
    const dimensions = [
      { Name: 'EndpointName', Value: endpoint.name },
      { Name: 'VariantName', Value: variant },
    ];
    const values = { CPUUtilization: cpu, MemoryUtilization: memory, GPUUtilization: gpu };
    for (const [metric, value] of Object.entries(values)) {
      if (value === undefined || instances === 0) continue;
      addValue(binOf(world.state.metrics, seriesKey(INSTANCES, metric, dimensions), at), value, instances);
    }
  }
}

/** One InvokeEndpoint. @throws AwsFault as the runtime does. */
export function invokeEndpoint(
  input: Record<string, unknown>,
  world: SageMakerWorld,
): Record<string, unknown> {
  const name = String(input.EndpointName);
  const endpoint = world.state.endpoints.get(name);
  const doors = endpoint ? doorsOf(endpoint, world.now(), world) : [];
  if (doors.length === 0)
    throw new AwsFault('ValidationError', `Endpoint ${name} of account ${world.account} not found.`);
  const wanted = input.TargetVariant;
  const production = doors.filter(({ isShadow }) => !isShadow);
  const named = production.filter(({ variant }) => variant === wanted);
  // A variant of weight 0 is reached by its name.
  const door =
    wanted === undefined ? chosen(production, world.draw) : (chosen(named, world.draw) ?? named[0]);
  if (!door) throw new AwsFault('ValidationError', `Variant ${wanted ?? ''} not found for Request`);
  const { status } = door.answer();
  mirror(doors, world);
  if (status !== 200) throw modelError(door.variant, status, name, world);
  const Body = Buffer.from(door.behaviour.answer(Buffer.from(input.Body as Uint8Array).toString('utf8')));
  return { Body, ContentType: 'application/json', InvokedProductionVariant: door.variant };
}

/** The status of the model is in OriginalStatusCode; the client gets 424. */
function modelError(
  variant: string,
  status: number,
  endpoint: string,
  { region, account }: SageMakerWorld,
): AwsFault {
  const logs = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=/aws/sagemaker/Endpoints/${endpoint} in account ${account}`;
  const who = status < 500 ? 'client' : 'server';
  const message = `Received ${who} error (${status}) from ${variant} with message "the model's own words". See ${logs} for more information.`;
  const details = { OriginalStatusCode: status, OriginalMessage: "the model's own words" };
  return Object.assign(new AwsFault('ModelError', message, 424), { details });
}
