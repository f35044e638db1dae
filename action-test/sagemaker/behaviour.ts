/** How models behave, and who gets a request. */
import type { Endpoint, Fleet, Variant } from './endpoint-shapes.ts';
import type { ModelBehaviour, ServingVariant } from './model-behaviour.ts';
import type { SageMakerWorld } from './state.ts';

const LEAST_LATENCY = 10_000;
const MEAN_LATENCY = 15_000;
const OVERHEAD = 2000;

/** An exponential share above the least; whole microseconds. */
const usualLatency = (draw: () => number): number =>
  Math.round(LEAST_LATENCY - (MEAN_LATENCY - LEAST_LATENCY) * Math.log(1 - draw()));

type FullBehaviour = Required<Omit<ModelBehaviour, 'gpu'>> & Pick<ModelBehaviour, 'gpu'>;

const texts = new WeakMap<object, string>();

/** What a model was made with never changes. */
function textOf(fields: object): string {
  const text = texts.get(fields) ?? JSON.stringify(fields);
  texts.set(fields, text);
  return text;
}

/** Every field of a behaviour, with the defaults where the test set none. */
export function behaviourOf(model: string, world: SageMakerWorld): FullBehaviour {
  const fields = textOf(world.state.models.get(model)?.fields ?? {});
  const [, own] = world.behaviours.findLast(([text]) => model.includes(text) || fields.includes(text)) ?? [];
  return {
    ...{ errors: 0, clientErrors: 0, startsUp: true, cpu: 20, memory: 30 },
    latencyMicros: usualLatency,
    overheadMicros: () => OVERHEAD,
    answer: () => JSON.stringify({ model }),
    ...own,
  };
}

/**
 * Who answers now, production variants first; empty when nothing does. AWS does not say whether a Failed endpoint or one
 * whose weights are all 0 answers: here neither does.
 */
export function servingNow(endpoint: Endpoint): (ServingVariant & { instances: number })[] {
  const { fleet, change, mixed } = endpoint;
  if (!fleet || endpoint.status === 'Failed') return [];
  const green = mixed?.fleet ?? change?.green;
  const greenShare = mixed?.share ?? change?.stages[0]?.share ?? 0;
  return [
    ...sharesOf(fleet, 1 - greenShare),
    ...(green && greenShare > 0 ? sharesOf(green, greenShare) : []),
  ].sort((a, b) => Number(a.isShadow) - Number(b.isShadow));
}

function sharesOf(fleet: Fleet, share: number): (ServingVariant & { instances: number })[] {
  const total = fleet.variants.reduce((sum, { weight }) => sum + weight, 0);
  const entry = ({ name, model, weight, count = 1 }: Variant, isShadow: boolean) => {
    const own = total === 0 ? 0 : (share * Math.min(weight, isShadow ? total : Infinity)) / total;
    return { variant: name, model, config: fleet.config, share: own, isShadow, instances: count };
  };
  return [
    ...fleet.variants.map((variant) => entry(variant, false)),
    // A shadow gets copies, of so many requests as its weight is of the production variant's.
    ...fleet.shadows.map((variant) => entry(variant, true)),
  ].filter((variant) => variant.share > 0 || variant.instances > 0);
}

/** One of them by their shares; undefined when none has any. */
export function chosen<Choice extends { share: number }>(
  choices: Choice[],
  draw: () => number,
): Choice | undefined {
  let left = draw() * choices.reduce((sum, { share }) => sum + share, 0);
  const withTraffic = choices.filter(({ share }) => share > 0);
  for (const choice of withTraffic) {
    left -= choice.share;
    if (left < 0) return choice;
  }
  return withTraffic.at(-1);
}

/** What comes of one request: its status, and latencies in microseconds. */
export interface Outcome {
  status: number;
  latency: number;
  overhead: number;
}

export function outcomeOf(behaviour: FullBehaviour, draw: () => number): Outcome {
  const fate = draw();
  const status = fate < behaviour.errors ? 500 : fate < behaviour.errors + behaviour.clientErrors ? 400 : 200;
  return { status, latency: behaviour.latencyMicros(draw), overhead: behaviour.overheadMicros(draw) };
}

/** Mulberry32. */
export function seededDraw(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
