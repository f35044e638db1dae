import { expect, test } from 'vitest';
import { recordSchemas } from '../../records/kinds.ts';
import type { TrainingRun } from '../../records/training-run.ts';
import { parsePage } from '../../testing/parse-page.ts';
import { sampleTraining } from '../../testing/sample-records.ts';
import { HOSTILE_TEXT } from '../../testing/sample-sections.ts';
import { sampleBrokenTraining, sampleGpuTraining } from '../../testing/sample-training.ts';
import { renderPage } from '../page.ts';

/** Entities of the names that the samples have. */
const plain = (text: string) => text.replaceAll('&#39;', "'").replaceAll('&amp;', '&');

async function pageOf(record: TrainingRun): Promise<{ page: string; text: string }> {
  const page = await renderPage([recordSchemas.TrainingRun.parse(record)]);
  return { page, text: plain(parsePage(page).text) };
}

/** One figure by its caption. */
function figureOf(page: string, caption: string): string {
  const found = page.split('<figure>').find((part) => part.startsWith(`<figcaption>${caption}</figcaption>`));
  if (!found) throw new Error(`no figure ${caption}`);
  return found.slice(0, found.indexOf('</figure>'));
}

test('shows how the metrics went, with the best step, where it went on and what ended it', async () => {
  const { page } = await pageOf(sampleGpuTraining());
  const losses = figureOf(page, 'train/loss and val/loss');
  const { steps, values } = sampleGpuTraining().history!['val/loss']!;
  const least = Math.min(...(values as number[]));
  const step = steps[values.indexOf(least)]!.toLocaleString('en-US');
  expect(losses).toContain(`○ Lowest val: ${Number(least.toPrecision(4))} at step ${step}.`);
  expect(losses.match(/class="(?:plain|challenger) line/g)).toHaveLength(2);
  expect(losses).toContain('resumed at 4,200');
  expect(losses).toContain('ended: early stop');
  expect(losses).not.toContain('log scale');
  expect(figureOf(page, 'learning_rate')).toContain('log scale');
  expect(figureOf(page, 'val/roc_auc')).toContain('○ Highest: ');
});

test('shows the use of the GPUs with limits, what held them back, and what was noticed', async () => {
  const { page, text } = await pageOf(sampleGpuTraining());
  for (const caption of ['GPU utilisation, %', 'GPU memory, GB', 'GPU power, W', 'GPU temperature, °C'])
    expect(figureOf(page, caption)).toMatch(/class="plain line thin" d="M[\d.]+,/);
  expect(figureOf(page, 'GPU power, W')).toMatch(/class="limit-name"[^>]*>limit 300</);
  expect(figureOf(page, 'GPU memory, GB')).toMatch(/class="limit-name"[^>]*>all 24.1</);
  // One stretch from the first hot sample to the end.
  expect(figureOf(page, 'GPU power, W')).toMatch(/class="bad fill faint" d="M[^M]*Z"/);
  expect(text).toContain(
    'GPU 1 was held back in 28 % of the samples: heat (software), power limit (shaded).',
  );
  expect(text).toContain('Each point is the mean of its stretch of 1,084 samples.');
  const list = page.slice(page.indexOf('<ol>'), page.indexOf('</ol>'));
  expect([...list.matchAll(/<strong>([^<]*)<\/strong> at ([^:]*)/g)].map(([, ...found]) => found)).toEqual([
    ['idle GPU', '30 min 10 s'],
    ['thermal throttling', '1 h 6 min'],
    ['GPU memory nearly full', '1 h 6 min'],
    ['ended: early stop', '1 h 29 min'],
  ]);
  // Each with its number in each chart over time.
  expect(figureOf(page, 'Processor, % of one core').match(/class="event"/g)).toHaveLength(4);
});

test('shows money against its budget, and all that is needed to do it again', async () => {
  const { page, text } = await pageOf(sampleGpuTraining());
  const cost = figureOf(page, 'Cost');
  for (const shown of [
    'estimated before',
    '$4.62',
    '$3.48',
    'the same time on demand',
    '$9.16',
    'budget $6.00',
  ])
    expect(cost).toContain(shown);
  for (const shown of [
    'abc1234'.repeat(5),
    '2 files, ',
    'TrainingRun-1.uncommitted.diff',
    'packages (pip)',
    'toolkit 12.4',
    'data by dvc',
    'GPU 1NVIDIA A10G, 24.1 GB, driver 550.90.07',
    'operation: reproduce',
    'from a checkpoint of the store, step 4,200',
    's3://models/flight-delays/checkpoints',
  ])
    expect(text).toContain(shown);
  const over = sampleGpuTraining();
  const { page: worse } = await pageOf({ ...over, cost: { ...over.cost!, actualUsd: 7.5 } });
  expect(figureOf(worse, 'Cost')).toContain('cost, over the budget');
});

test('what is no number is marked, named and counted, also where nothing else is left', async () => {
  const { page } = await pageOf(sampleBrokenTraining());
  const loss = figureOf(page, 'loss');
  expect(loss).toContain(
    'NaN at 81 values, steps 500, from 1,200 to the end. Infinity at 9 values, steps 1,110–1,190.',
  );
  // A cross for a step, a bar for a stretch.
  expect(loss.match(/class="bad stroke"[^>]* d="M[^"]*"/g)!.map((mark) => mark.includes('l6 6'))).toEqual([
    true,
    false,
    false,
  ]);
  expect(figureOf(page, 'only_broken')).toContain('NaN at 2 values, steps 0–10. −Infinity at step 20.');
  expect(page.match(/\b(?:d|x|y|cx|cy)="[^"]*(?:NaN|Infinity|undefined)/)).toBeNull();
  expect(page).toContain('taken away');
});

test('a history of any length is drawn in few points that show its extremes', async () => {
  const count = 60_000;
  const values = Array.from({ length: count }, (_, step) => (step === 41_234 ? 0.001 : 2 + (step % 5) / 10));
  const record = {
    ...sampleTraining(),
    history: { train_loss: { steps: values.map((_, step) => step), values } },
  };
  const { page } = await pageOf(record);
  expect(Buffer.byteLength(page)).toBeLessThan(60_000);
  const figure = figureOf(page, 'train_loss');
  expect(figure).toContain('○ Lowest: 0.001 at step 41,234.');
  expect(figure).toContain('Of 60,000 values the lowest and the highest of each stretch are drawn.');
  expect(figure).toMatch(/<td>41,234<\/td><td>0.001<\/td>/);
});

test('many metrics are named, the first drawn; the rule that is followed decides which is best', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `layer_${index}`);
  const record: TrainingRun = {
    ...sampleTraining(),
    history: Object.fromEntries(names.map((name) => [name, { steps: [1, 2, 3], values: [1, 3, 2] }])),
    rules: {
      earlyStop: {
        ...{ monitor: 'layer_29', mode: 'max', patience: 3, min_delta: 0, check_finite: true },
        stopping_threshold: 2.5,
      },
      metricDefinitions: [],
      stallTimeoutSeconds: null,
      budgetUsd: null,
      graceSeconds: null,
    },
  };
  const { page, text } = await pageOf(record);
  const first = figureOf(page, 'layer_29');
  expect(page.indexOf(first)).toBeLessThan(page.indexOf(figureOf(page, 'layer_0')));
  expect(first).toContain('○ Highest: 3 at step 2.');
  expect(first).toContain('stops at 2.5');
  expect(figureOf(page, 'layer_0')).not.toContain('○');
  expect(text).toContain('Not drawn: layer_11, layer_12');
});

test('shows hostile names as plain text', async () => {
  const { page } = await pageOf(sampleGpuTraining(HOSTILE_TEXT));
  expect(page).not.toMatch(/<img|onerror=alert\(1\)>/);
});
