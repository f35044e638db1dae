import { expect, test } from 'vitest';
import { sampleDrift } from '../../testing/sample-live-records.ts';
import { renderPage } from '../page.ts';
import { driftHistory } from './drift-history-part.ts';

const later = (days: number) => ({
  ...sampleDrift(),
  createdAt: new Date(Date.parse('2026-11-24T10:00:00Z') + days * 86_400_000).toISOString(),
});

test('stands once in a model\u2019s part of the page, where it has several checks', async () => {
  const fallen = {
    ...later(2),
    performance: [{ ...sampleDrift().performance[0]!, status: 'not_judged' as const }],
  };
  const page = await renderPage([later(1), fallen, later(0)]);
  expect(page.match(/The last 3 checks, 24 Nov 2026, 10:00 UTC to 26 Nov 2026, 10:00 UTC/g)).toHaveLength(2);
  expect(page).toContain('<code class="nowrap" aria-hidden="true">▄▄·</code>');
  expect(driftHistory([later(0)])).toBeUndefined();
  expect(
    driftHistory([
      { ...later(0), performance: [], columns: [] },
      { ...later(1), performance: [], columns: [] },
    ]),
  ).toBeUndefined();
});
