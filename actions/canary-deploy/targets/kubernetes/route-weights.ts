/** How an HTTPRoute splits its requests over two Services. Pure: routes go in and come out as JSON. */
import { UserError } from '../../../../shared/errors.ts';
import type { BackendRef, HttpRoute, RouteRule } from './kinds.ts';

/** The two Services, in the order of the route, with the weight of each. */
export interface RouteSplit {
  services: [ServiceWeight, ServiceWeight];
  /** To which of them requests are copied. */
  mirrorTo: string | null;
}

export interface ServiceWeight {
  name: string;
  port: number;
  /** Its part of the sum. */
  weight: number;
}

/** Weights are parts of this many, so that a hundredth of a per cent can be told. */
const WHOLE = 10_000;

/**
 * The two Services that the route splits its requests over.
 * @throws UserError when it does not, or another of its rules gives one of them requests past the split.
 */
export function readSplit(route: HttpRoute): RouteSplit {
  const { name } = route.metadata;
  const rules = route.spec.rules ?? [];
  const splitting = rules.filter((rule) => servicesOf(rule).length === 2);
  const first = splitting[0];
  const services = first?.backendRefs?.map(serviceWeight);
  if (!first || services?.length !== 2) {
    throw new UserError(`No rule of the HTTPRoute ${name} has backendRefs to exactly two Services.`, {
      where: { key: 'kubernetes-resource' },
      fix: 'Let the rule that leads to the model have two backendRefs, to a Service of this namespace each, one with weight 100 and one with weight 0.',
    });
  }
  const [one, two] = services as [ServiceWeight, ServiceWeight];
  for (const rule of rules) refuseOther(name, rule, [one, two]);
  return { services: [one, two], mirrorTo: mirrorOf(first, [one.name, two.name]) };
}

/** Sets the weights in every rule that splits over the two Services. @param weight per cent for the challenger. */
export function writeSplit(
  route: HttpRoute,
  split: { champion: string; challenger: string; weight: number; mirror: boolean },
): void {
  const { champion, challenger, weight, mirror } = split;
  const pair = [champion, challenger];
  const parts = Number.isInteger(weight)
    ? { [challenger]: weight, [champion]: 100 - weight }
    : {
        [challenger]: Math.round((weight * WHOLE) / 100),
        [champion]: WHOLE - Math.round((weight * WHOLE) / 100),
      };
  for (const rule of route.spec.rules ?? []) {
    if (!isPair(rule, pair)) continue;
    const isSame = Math.abs(percentFor(rule, challenger) - weight) < 1e-9;
    if (!isSame) for (const backend of rule.backendRefs ?? []) backend.weight = parts[backend.name]!;
    const isMirrored = mirrorOf(rule, pair) === challenger;
    if (isMirrored === mirror && (mirror || mirrorOf(rule, pair) === null)) continue;
    const filters = (rule.filters ?? []).filter(
      ({ requestMirror }) => !pair.includes(requestMirror?.backendRef.name ?? ''),
    );
    if (mirror) {
      const { port } = rule.backendRefs!.find((backend) => backend.name === challenger)!;
      const backendRef = { name: challenger, ...(port === undefined ? {} : { port }) };
      filters.push({ type: 'RequestMirror', requestMirror: { backendRef } });
    }
    if (filters.length > 0) rule.filters = filters;
    else delete rule.filters;
  }
}

/** Per cent of the requests of a split that go to one of its Services. @throws UserError when neither gets any. */
export function percentOf(route: string, { services }: RouteSplit, service: string): number {
  const sum = services[0].weight + services[1].weight;
  if (sum === 0) {
    throw new UserError(
      `Neither Service of the HTTPRoute ${route} has a weight above 0, so nothing serves.`,
      {
        where: { key: 'kubernetes-resource' },
        fix: `Give the Service whose model should serve the weight 100: ${services[0].name} or ${services[1].name}.`,
      },
    );
  }
  return ((services.find(({ name }) => name === service)?.weight ?? 0) / sum) * 100;
}

function percentFor(rule: RouteRule, service: string): number {
  const weights = (rule.backendRefs ?? []).map(({ name, weight = 1 }) => ({ name, weight }));
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  return sum === 0 ? Number.NaN : ((weights.find(({ name }) => name === service)?.weight ?? 0) / sum) * 100;
}

const isService = ({ group = '', kind = 'Service', namespace }: BackendRef): boolean =>
  group === '' && kind === 'Service' && namespace === undefined;

const servicesOf = ({ backendRefs = [] }: RouteRule): BackendRef[] =>
  backendRefs.length === 2 ? backendRefs.filter(isService) : [];

const isPair = (rule: RouteRule, pair: readonly string[]): boolean =>
  servicesOf(rule).length === 2 && servicesOf(rule).every(({ name }) => pair.includes(name));

const serviceWeight = ({ name, port, weight = 1 }: BackendRef): ServiceWeight => ({
  ...{ name, port: port ?? 80, weight },
});

const mirrorOf = (rule: RouteRule, pair: readonly string[]): string | null =>
  (rule.filters ?? [])
    .map(({ requestMirror }) => requestMirror?.backendRef.name)
    .find((name): name is string => name !== undefined && pair.includes(name)) ?? null;

function refuseOther(route: string, rule: RouteRule, services: readonly ServiceWeight[]): void {
  const pair = services.map(({ name }) => name);
  if (isPair(rule, pair)) {
    const isSame = services.every(
      ({ name, weight }) => (rule.backendRefs?.find((one) => one.name === name)?.weight ?? 1) === weight,
    );
    if (isSame) return;
    throw new UserError(`The rules of the HTTPRoute ${route} split the requests differently.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Give ${pair.join(' and ')} the same weights in every rule.`,
    });
  }
  const past = (rule.backendRefs ?? []).find(({ name, weight = 1 }) => pair.includes(name) && weight > 0);
  if (!past) return;
  throw new UserError(
    `A rule of the HTTPRoute ${route} gives ${past.name} requests past the split of ${pair.join(' and ')}.`,
    {
      where: { key: 'kubernetes-resource' },
      fix: `Take ${past.name} out of that rule, or let it split over both.`,
    },
  );
}
