import type { DataValidation } from '../../../shared/records/data-validation.ts';
import type { Deployment } from '../../../shared/records/deployment.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { type ModelId, PARAMS, type Plot } from './plot.ts';
import type { Scene } from './scene.ts';

/** Tells the results in five parts and holds each to what the story says. */

/** Part 1: January is valid; a damaged copy is refused with each damage named. */
export async function partData(scene: Scene, { january, damaged }: Plot): Promise<void> {
  scene.terminal.heading('1  January is valid, a damaged copy of it is not');
  await scene.expect('pass', january, 'validate-data');
  const { record } = await scene.expect('fail', damaged, 'validate-data');
  const { checks } = record as DataValidation;
  const failing = checks.filter((check) => check.verdict === 'fail');
  for (const { columns, problem, failing: rows, total, examples } of failing) {
    const share =
      rows === null ? '' : `: ${rows.toLocaleString('en')} of ${total?.toLocaleString('en')} rows`;
    scene.terminal.detail(
      `${columns.join(', ')}: ${problem}${share}${examples[0] ? `, such as ${examples[0]}` : ''}`,
    );
  }
  const damages = ['hour', 'distance', 'origin', 'flight_id'];
  const named = damages.filter((column) => failing.some((check) => check.columns.includes(column)));
  scene.terminal.fact(
    named.length === damages.length,
    `all four damages are named: nulls, a wrong unit, an unknown airport, flights that are there twice (${named.join(', ')})`,
  );
}

/** Part 2: a first model is trained, gated without a champion, registered and deployed. */
export async function partFirst(scene: Scene, plot: Plot): Promise<void> {
  scene.terminal.heading('2  A first model: logistic regression on three weeks of January');
  await toldOfTraining(scene, plot, 'first');
  await scene.expect('warn', plot.gated.first, 'evaluate-gate', toldOfGate);
  await scene.expect('pass', plot.registered.first, 'register-model');
  await scene.expect('pass', plot.deployed.first, 'canary-deploy');
}

/** Part 3: a better challenger passes the paired gate and the canary, and becomes the champion. */
export async function partBetter(scene: Scene, plot: Plot): Promise<void> {
  scene.terminal.heading('3  A better one: gradient boosting that knows the airports');
  await toldOfTraining(scene, plot, 'better');
  await scene.expect('pass', plot.gated.better, 'evaluate-gate', toldOfGate);
  await scene.expect('pass', plot.registered.better, 'register-model');
  const { record } = await scene.expect('pass', plot.deployed.better, 'canary-deploy');
  const { alias } = record as Deployment;
  scene.terminal.fact(alias?.name === 'champion' && alias.moved, 'the alias champion has moved to it');
}

/** Part 4: the gate stops a worse model, the canary one that is good offline only. */
export async function partStopped(scene: Scene, plot: Plot): Promise<void> {
  scene.terminal.heading('4  A worse one, and one that is only good offline');
  await toldOfTraining(scene, plot, 'worse');
  await scene.expect('fail', plot.gated.worse, 'evaluate-gate', toldOfGate);
  await toldOfTraining(scene, plot, 'faulty');
  await scene.expect('pass', plot.gated.faulty, 'evaluate-gate', toldOfGate);
  scene.terminal.detail(
    'its pull request also changes serve.py: CODES[airport] instead of CODES.get(airport), and it knows only busy airports',
  );
  await scene.expect('pass', plot.registered.faulty, 'register-model');
  const { record } = await scene.expect('fail', plot.deployed.faulty, 'canary-deploy');
  const { serving, outcome } = record as Deployment;
  const champion = (await plot.registered.better).outputs.digest;
  scene.terminal.fact(
    outcome === 'rolled-back' && serving === champion,
    'rolled back: the champion of part 3 has all the traffic again',
  );
  await askChampion(scene);
}

/** Part 5: what drift is worth a retrain. */
export async function partDrift(scene: Scene, { drift }: Plot): Promise<void> {
  scene.terminal.heading('5  Drift, week by week, against the eight weeks from 29 January');
  const calm = await scene.expect('warn', drift.spring, 'drift-check');
  scene.terminal.fact(
    calm.outputs.retrain === 'false',
    'April to early June as they were: drift is reported, and no retrain is asked for',
  );
  const broken = await scene.expect('fail', drift.faulty, 'drift-check');
  const { knownBeforeLabels, knownWithLabels } = broken.record as DriftCheck;
  scene.terminal.fact(
    broken.outputs.retrain === 'true',
    'from 11 June, with a fault in the job that makes the features: a retrain is asked for',
  );
  scene.terminal.detail('Known before the labels came:');
  for (const line of knownBeforeLabels) scene.terminal.detail(`· ${line}`);
  scene.terminal.detail('Known with the labels:');
  for (const line of knownWithLabels) scene.terminal.detail(`· ${line}`);
  const open = scene.github.issues().filter((issue) => issue.state === 'open');
  scene.terminal.fact(open.length === 1, `one issue is open: ${open[0]?.title ?? 'none'}`);
}

/** A flight to an airport that the model of part 4 does not know. */
async function askChampion(scene: Scene): Promise<void> {
  const flight = { origin: 'ORD', destination: 'LSE', distance: 215, hour: 18, origin_delay: 22.5 };
  const answer = await fetch(`http://127.0.0.1:${scene.port}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataframe_records: [flight] }),
  });
  const { predictions } = (await answer.json()) as { predictions?: number[] };
  const share = predictions?.[0];
  scene.terminal.fact(
    answer.status === 200 && share !== undefined,
    `the champion answers: a flight from Chicago to La Crosse at six in the evening is late with ${((share ?? 0) * 100).toFixed(0)} % chance`,
  );
}

async function toldOfTraining(scene: Scene, plot: Plot, model: ModelId): Promise<void> {
  const { again } = await plot.trained[model];
  await scene.expect('pass', plot.trained[model], 'train-on-gpu-runner', (record) => {
    const { durationSeconds, metrics, model: made } = record as TrainingRun;
    const how = again ? `in ${durationSeconds.toFixed(1)} s` : 'before, from the same code and data';
    return `${PARAMS[model]} ${how}, ROC AUC on its own rows ${metrics.train_roc_auc}, ${made?.digest.slice(0, 19)}`;
  });
}

function toldOfGate(record: unknown): string {
  const { metrics, rows, baseline } = record as Evaluation;
  const area = metrics.find((metric) => metric.name === 'roc_auc' && metric.slice === null);
  const own = `ROC AUC ${area?.challenger?.toFixed(4)}`;
  if (baseline.status === 'missing' || !area?.interval || area.difference === null) {
    return `${own} on ${rows?.toLocaleString('en')} flights of late January; no champion to compare with`;
  }
  const [low, high] = area.interval.map(signed);
  return `${own} against ${area.champion?.toFixed(4)}: ${signed(area.difference)} [${low}, ${high}], ${area.word}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
