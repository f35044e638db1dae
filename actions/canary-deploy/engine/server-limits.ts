import type { RolloutState } from './engine.ts';
import type { Plan, ServerLimit } from './plan.ts';
import { shortNumber } from './wording.ts';

/**
 * Why the challenger's servers roll it back: a measure beyond its limit at as many looks in a row as the plan says. A
 * look without a value neither counts nor ends the row.
 */
export function findServerHarm(plan: Plan, state: RolloutState): string | undefined {
  for (const limit of plan.servers) {
    const values = valuesOf(limit, state).filter((value) => value !== null);
    const last = values.slice(-limit.looks);
    if (last.length < limit.looks || !last.every((value) => isBeyond(limit, value))) continue;
    return `${describe(limit, last.at(-1)!)} at ${limit.looks === 1 ? 'one look' : `${limit.looks} looks in a row`}.`;
  }
  return undefined;
}

/** What of the servers stands in the way of a promotion at the last look: a value that is missing or beyond its limit. */
export function missingOfServers(plan: Plan, state: RolloutState): string[] {
  return plan.servers.flatMap((limit) => {
    const value = valuesOf(limit, state).at(-1) ?? null;
    if (value === null) return [`there is no value of ${limit.name}`];
    return isBeyond(limit, value) ? [describe(limit, value)] : [];
  });
}

function valuesOf({ name }: ServerLimit, { looks }: RolloutState): (number | null)[] {
  return looks
    .filter(({ step }) => step >= 0)
    .map(({ servers }) => (Object.hasOwn(servers, name) ? servers[name]! : null));
}

function isBeyond({ max, min }: ServerLimit, value: number): boolean {
  return (max !== null && value > max) || (min !== null && value < min);
}

function describe(limit: ServerLimit, value: number): string {
  const { name, max, min, unit } = limit;
  const withUnit = (amount: number) => `${shortNumber(amount)}${unit ? ` ${unit}` : ''}`;
  const isAbove = max !== null && value > max;
  const bound = isAbove ? max : min!;
  return `${name} of the challenger's server was ${withUnit(value)}, ${isAbove ? 'above' : 'below'} ${withUnit(bound)}`;
}
