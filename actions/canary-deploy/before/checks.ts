/** `before/` is what a challenger must show before it gets any traffic. Here the checks are joined. */
import { capitalized } from '../../../shared/capitalized.ts';
import { UserError } from '../../../shared/errors.ts';
import { type Clock, SYSTEM_CLOCK } from '../../../shared/http/fixed-rate.ts';
import type { Deployment, DeploymentEvent } from '../../../shared/records/deployment.ts';
import type { Check, ModelDoor } from '../targets/target.ts';
import type { Finding } from './finding.ts';
import { type LoadLimits, loadCheck } from './load-check.ts';
import { readinessCheck } from './readiness-check.ts';
import { sameSchemaCheck } from './same-schema-check.ts';
import { type ExpectedAnswers, smokeCheck } from './smoke-check.ts';

/** What a rollout asks for before any traffic, with its files read. */
export interface BeforeTraffic {
  /** The first few requests of the traffic, which must be answered at all. */
  requests: readonly string[];
  smoke: ExpectedAnswers | null;
  load: (LoadLimits & { requests: readonly string[] }) | null;
  /** Requests that both arms must answer in the same shape. */
  sameSchema: readonly string[] | null;
}

export const NOTHING_BEFORE: BeforeTraffic = { requests: [], smoke: null, load: null, sameSchema: null };

/** The challenger did not show what it must before it gets traffic. */
export class CheckFailed extends UserError {}

/** A `Check` for a target, and what it found so far. */
export interface Checks {
  check: Check;
  results: Deployment['before'];
  events: DeploymentEvent[];
}

/** Whether requests are answered at all comes first, the load last: there is no point in loading a wrong model. */
export function makeChecks(
  before: BeforeTraffic,
  around: { now: () => Date; signal: AbortSignal; progress: (message: string) => void; clock?: Clock },
): Checks {
  const results: Deployment['before'] = [];
  const events: DeploymentEvent[] = [];
  const { smoke, load, sameSchema } = before;
  const { signal, progress, clock = SYSTEM_CLOCK } = around;
  const note = (name: string, { passed, said }: Finding) => {
    results.push({ check: name, passed, said });
    const reason = `${name} ${passed ? 'passed' : 'failed'}: ${said}.`;
    events.push({ at: around.now().toISOString(), kind: 'check', weight: 0, reason });
    progress(reason);
    if (!passed) throw failed(name, said);
  };
  const check = async (challenger: ModelDoor, champion: ModelDoor | null) => {
    note('ready', await readinessCheck(challenger, before.requests, signal));
    if (sameSchema) note('same_schema', await sameSchemaCheck(challenger, champion, sameSchema, signal));
    if (smoke) note('smoke', await smokeCheck(challenger, smoke, signal));
    if (load) note('load', await loadCheck(challenger, load, { signal, progress, clock }));
  };
  return { check, results, events };
}

const FIXES: Record<string, string> = {
  ready: "Start the model's server by hand and send it a line of the traffic file.",
  same_schema:
    'Let the model answer as its users expect, or set before.same_schema: false if they are ready for it.',
  smoke: 'Mend the model, or the expected answer where it is out of date.',
  load: 'Give the model more room, or ask for a lower rate under before.load.',
};

function failed(name: string, said: string): CheckFailed {
  return new CheckFailed(`${capitalized(said)} in the check before any traffic (${name}).`, {
    where: { key: name === 'ready' ? 'serve-command' : `before.${name}` },
    fix: FIXES[name] ?? '',
  });
}
