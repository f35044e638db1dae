import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLE, type StepResult } from './runner.ts';
import type { Scene, Trained } from './scene.ts';

/**
 * What happens in the demo, and what waits for what: each step starts as soon as the steps that it needs have ended,
 * two at a time. story.ts tells the results in their order.
 */

const TRAINED_ON = 'data/2001-01-train.parquet';
const JUDGED_ON = 'data/2001-01-gate.parquet';
/**
 * Numbers of the pull requests in which models are trained and judged. The first model, and all that is registered
 * and deployed, comes from runs on the main branch, which no pull request belongs to.
 */
export const PULL_REQUEST = { first: undefined, better: 1, worse: 2, faulty: 3 } as const;
const PULL_REQUEST_WITH_DATA = 4;
export type ModelId = keyof typeof PULL_REQUEST;

export const PARAMS: Record<ModelId, string> = {
  first: '{model: logistic-regression}',
  better: '{model: gradient-boosting}',
  worse: '{model: gradient-boosting, use_origin_delay: false}',
  faulty: '{model: gradient-boosting, min_airport_flights: 40}',
};

export type Plot = ReturnType<typeof startPlot>;

/** Starts everything; every value is the result of a step, some time later. */
export function startPlot(scene: Scene) {
  const champion = `${scene.registry}/flight-delays@champion`;
  const january = validate(scene, 'january', PULL_REQUEST.better, 'data/2001-01-*.parquet');

  const trainFirst = train(scene, 'first', true);
  const gateFirst = after(trainFirst, () => gate(scene, 'first'));
  // As on main: the profile of the very rows that the models learn from is stored with each version.
  const training = validate(scene, 'training', undefined, TRAINED_ON);
  const registerFirst = after(both(gateFirst, training), () => register(scene, 'first', 'champion'));
  const deployFirst = after(registerFirst, (registered) => deploy(scene, uriOf(registered)));

  const trainBetter = train(scene, 'better', true);
  const gateBetter = after(both(trainBetter, registerFirst), () => gate(scene, 'better', champion));
  const registerBetter = after(gateBetter, () => register(scene, 'better'));

  const requests = scene.script('january.py', ['2001-01-damaged.parquet', 'traffic.jsonl']);
  requests.catch(() => undefined);
  const canaryBetter = after(both(both(requests, deployFirst), registerBetter), ([, registered]) =>
    canary(scene, 'better', uriOf(registered)),
  );

  // Both are compared with the version that is on its way to be the champion; by then it is.
  const trainWorse = train(scene, 'worse');
  const gateWorse = after(both(trainWorse, registerBetter), ([, registered]) =>
    gate(scene, 'worse', uriOf(registered)),
  );
  const trainFaulty = train(scene, 'faulty');
  const gateFaulty = after(both(trainFaulty, registerBetter), ([, registered]) =>
    gate(scene, 'faulty', uriOf(registered)),
  );
  const registerFaulty = after(gateFaulty, () => register(scene, 'faulty', '', writeFaultyCode(scene)));
  const canaryFaulty = after(both(canaryBetter, registerFaulty), ([, registered]) =>
    canary(scene, 'faulty', uriOf(registered)),
  );

  const damaged = after(requests, () =>
    validate(scene, 'damaged', PULL_REQUEST_WITH_DATA, scene.made('data/2001-01-damaged.parquet')),
  );
  const weeks = after(trainBetter, () =>
    scene.script(
      'weeks.py',
      ['reference.parquet', 'spring.parquet', 'faulty.parquet', 'labels.parquet'],
      [scene.made('models/better')],
      { MODEL_DIR: scene.made('models/better') },
    ),
  );
  const driftSpring = after(weeks, () => checkDrift(scene, 'spring'));
  // After the other: the newest check decides whether the issue is open.
  const driftFaulty = after(driftSpring, () => checkDrift(scene, 'faulty'));

  return {
    january,
    damaged,
    trained: { first: trainFirst, better: trainBetter, worse: trainWorse, faulty: trainFaulty },
    gated: { first: gateFirst, better: gateBetter, worse: gateWorse, faulty: gateFaulty },
    registered: { first: registerFirst, better: registerBetter, faulty: registerFaulty },
    deployed: { first: deployFirst, better: canaryBetter, faulty: canaryFaulty },
    drift: { spring: driftSpring, faulty: driftFaulty },
  };
}

/** Goes on when `before` has ended well. What fails is told by the story, so a failure here waits for it. */
function after<Before, After>(
  before: Promise<Before>,
  next: (value: Before) => Promise<After>,
): Promise<After> {
  const promise = before.then(next);
  promise.catch(() => undefined);
  return promise;
}

function both<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  return Promise.all([first, second]);
}

function uriOf({ outputs }: StepResult): string {
  return outputs.uri ?? '';
}

function validate(
  scene: Scene,
  id: string,
  pullRequest: number | undefined,
  data: string,
): Promise<StepResult> {
  return scene.step(
    'validate-data',
    { id, pullRequest },
    { data, contract: 'contract.yaml', examples: 'full' },
  );
}

function train(scene: Scene, model: ModelId, urgent = false): Promise<Trained> {
  const step = { id: `train-${model}`, pullRequest: PULL_REQUEST[model], urgent };
  const training = scene.train(step, {
    command: 'python code/train.py',
    params: PARAMS[model],
    data: TRAINED_ON,
    'model-dir': scene.made('models', model),
    'metrics-file': scene.made('models', `${model}-metrics.json`),
  });
  training.catch(() => undefined);
  return training;
}

function gate(scene: Scene, model: ModelId, baseline = ''): Promise<StepResult> {
  return scene.step(
    'evaluate-gate',
    { id: `gate-${model}`, pullRequest: PULL_REQUEST[model], urgent: true },
    {
      model: scene.made('models', model),
      'predict-command': 'python code/predict.py',
      data: JUDGED_ON,
      policy: 'gate.yaml',
      baseline,
    },
  );
}

function register(scene: Scene, model: ModelId, aliases = '', code = 'code'): Promise<StepResult> {
  return scene.step(
    'register-model',
    { id: `register-${model}`, urgent: true },
    {
      model: scene.made('models', model),
      registry: scene.registry,
      code,
      requirements: 'code/requirements.txt',
      'predict-command': 'python predict.py',
      'serve-command': 'exec python serve.py',
      tags: `params=${PARAMS[model]}`,
      aliases,
    },
  );
}

function deploy(scene: Scene, model: string): Promise<StepResult> {
  const step = { id: 'deploy-first' };
  return scene.step('canary-deploy', step, { ...serving(scene), model });
}

function canary(scene: Scene, model: ModelId, uri: string): Promise<StepResult> {
  return scene.step(
    'canary-deploy',
    { id: `canary-${model}` },
    {
      ...serving(scene),
      model: uri,
      rollout: 'rollout.yaml',
      traffic: scene.made('data/traffic.jsonl'),
      'traffic-rate': '250',
      alias: 'champion',
    },
  );
}

function serving(scene: Scene): Record<string, string> {
  return { port: String(scene.port), 'serving-dir': scene.made('mlops-serving') };
}

function checkDrift(scene: Scene, period: 'spring' | 'faulty'): Promise<StepResult> {
  return scene.step(
    'drift-check',
    { id: `drift-${period}` },
    {
      reference: scene.made('data/reference.parquet'),
      data: scene.made('data', `${period}.parquet`),
      labels: scene.made('data/labels.parquet'),
      policy: 'drift.yaml',
      chunk: '7d',
      'on-drift': 'issue',
    },
  );
}

/**
 * The code of a pull request that also tidies up serve.py: airports are looked up without asking whether they are
 * known. predict.py, which the gate runs, is as it was, so that nothing is seen offline.
 */
function writeFaultyCode(scene: Scene): string {
  const folder = scene.made('pull-request-3');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(import.meta.dirname, '..', 'code'), folder, { recursive: true });
  const file = join(folder, 'serve.py');
  const before = readFileSync(file, 'utf8');
  const after = before.replace('CODES.get(flight[name], np.nan)', 'CODES[flight[name]]');
  if (after === before)
    throw new Error(`${EXAMPLE}/code/serve.py has changed: the demo no longer finds the line to break`);
  writeFileSync(file, after);
  return folder;
}
