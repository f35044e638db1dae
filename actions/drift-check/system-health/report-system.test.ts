import { expect, test } from 'vitest';
import { systemHealthSchema } from '../../../shared/records/system-health.ts';
import { loadChartTools } from '../../../shared/report/charts/chart.ts';
import { systemCharts } from '../../../shared/report/charts/system-health.ts';
import { blocks } from '../../../shared/report/markdown.ts';
import { renderSection } from '../../../shared/report/section.ts';
import { sampleDrift } from '../../../shared/testing/sample-live-records.ts';
import { HOSTILE_TEXT } from '../../../shared/testing/sample-sections.ts';
import { sampleSystem } from '../../../shared/testing/sample-system.ts';
import { decide } from '../decide.ts';
import { report } from '../report.ts';
import { policyOf } from '../test-tables.ts';
import { systemDetails, systemSummary } from './report-system.ts';
import { systemFindings } from './sentences.ts';

const system = sampleSystem();
const steady = { ...system, measures: system.measures.filter(({ status }) => status === 'within') };
const broken = { ...system, measures: system.measures.filter(({ status }) => status === 'beyond') };
const only = (columns = sampleDrift().columns.filter(({ status }) => status === 'steady')) => ({
  columns,
  performance: [],
  chunks: [],
  policy: policyOf(),
  labelsGiven: false,
});

test('the sample is of the schema', () => {
  expect(systemHealthSchema.parse(system)).toEqual(system);
});

test('system health in the report', async () => {
  const [details] = systemDetails(system);
  await expect(`${blocks(systemSummary(system), details!.title, details!.body).text}\n`).toMatchFileSnapshot(
    '../fixtures/system-health.md',
  );
  const section = report({ ...sampleDrift(), system });
  expect(section.heading).toBe('a retrain is asked for, 1 system measure beyond its limit');
  expect(renderSection(section)).toContain(details!.body.text);
  expect(report({ ...sampleDrift(), system: undefined }).heading).toBe('a retrain is asked for');
});

test('a server beyond its limits is a warning that says so, and no reason to retrain', () => {
  const decision = decide({ ...only(), system: broken });
  expect(decision).toMatchObject({ verdict: 'warn', retrain: false });
  expect(decision.reason).toBe(
    'No drift in 4 columns; system health beyond its limits: latency_p99 was 0.6234 s, above its limit of 0.5 s; ' +
      'latency_p99 rose to 0.6234 s from 0.21 s in 14 earlier windows, above its limit of 0.315 s.',
  );
  expect(decide({ ...only(), system: { ...broken, onBreach: 'fail' } })).toMatchObject({
    verdict: 'fail',
    retrain: false,
  });
});

test('one within its limits passes and is named', () => {
  const decision = decide({ ...only(), system: steady });
  expect(decision.verdict).toBe('pass');
  expect(decision.reason).toContain('; system health within limits (requests).');
  expect(systemSummary(steady)).toBe('');
});

test('what is not known is never a silent pass', () => {
  const unknown = { ...system, measures: system.measures.slice(2) };
  expect(systemFindings(unknown)).toEqual({
    verdicts: ['warn'],
    reasons: [
      'system health not known: gpu has a value in 3 of 60 steps; ' +
        'errors has a value in 3 of 14 earlier windows, too few to compare with',
    ],
  });
  expect(systemFindings({ ...unknown, onMissing: 'fail' }).verdicts).toEqual(['fail']);
  const passed = systemFindings({ ...unknown, onMissing: 'pass' });
  expect(passed.verdicts).toEqual(['pass']);
  expect(passed.reasons).toHaveLength(1);
  expect(report({ ...sampleDrift(), retrain: false, system: unknown }).heading).toMatch(
    /no retrain, 2 system measures not known$/,
  );
});

test('hostile text is plain text', async () => {
  const hostile = sampleSystem(HOSTILE_TEXT);
  const record = { ...sampleDrift(), system: { ...hostile, source: HOSTILE_TEXT } };
  for (const measure of hostile.measures) Object.assign(measure, { note: HOSTILE_TEXT, unit: HOSTILE_TEXT });
  const text = renderSection(report(record));
  const page = systemCharts(await loadChartTools(), record.system).text;
  for (const shown of [text, page]) expect(shown).not.toMatch(/<img|<script|<b>/i);
  expect(text).not.toMatch(/@everyone|^::/m);
  expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
});
