import { expect, test } from 'vitest';
import type { GpuRunner } from '../../records/gpu-runner.ts';
import { recordSchemas } from '../../records/kinds.ts';
import { parsePage } from '../../testing/parse-page.ts';
import { sampleLaunch, sampleReap } from '../../testing/sample-runner.ts';
import { HOSTILE_TEXT } from '../../testing/sample-sections.ts';
import { renderPage } from '../page.ts';

async function pageOf(...records: GpuRunner[]): Promise<{ page: string; text: string }> {
  const page = await renderPage(records.map((record) => recordSchemas.GpuRunner.parse(record)));
  return { page, text: parsePage(page).text };
}

const rowsOf = (page: string, caption: string): string[] => {
  const table = page.slice(page.indexOf(`<caption>${caption}</caption>`));
  const body = table.slice(table.indexOf('<tbody>'), table.indexOf('</tbody>'));
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    row!.replace(/<[^>]*>/g, '|').replace(/\|+/g, '|'),
  );
};

test('a launch says what was asked for in order, what there was, and until when it lives', async () => {
  const { page, text } = await pageOf(sampleLaunch());
  expect(rowsOf(page, 'What AWS was asked for, in this order')).toEqual([
    '|1|g5.xlarge|spot|subnet-0aaa|refused: |InsufficientInstanceCapacity|',
    '|2|g5.xlarge|spot|subnet-0bbb|refused: |MaxSpotInstanceCountExceeded|',
    '|3|g5.xlarge|on demand|eu-central-1b|launched|',
  ]);
  const [machine] = rowsOf(page, 'Machines');
  expect(machine).toContain('|24 Nov 2026, 10:00 UTC|24 Nov 2026, 16:00 UTC|');
  expect(text).toContain('runs-on: flight-delays-17-1-train');
  expect(text).toContain('1 min 34 s');
  expect(page).not.toContain('How long the machines live');
});

test('a look for orphans says what was ended and left, and why, with the time of each machine', async () => {
  const { page, text } = await pageOf(sampleReap());
  const rows = rowsOf(page, 'Machines');
  expect(rows[0]).toContain('|i-0aaa|ended|its time was over|');
  expect(rows[1]).toContain('|i-0bbb|left|its runner is running a job|');
  expect(rows[2]).toContain('|i-0ccc|not ended|AWS said UnauthorizedOperation|');
  expect(text).toContain('1 ended, 1 left, 1 could not be ended');
  expect(rowsOf(page, 'Runners at GitHub without a machine')[1]).toContain('|left|GitHub said 403|');
  expect(page).toContain(
    'i-0aaa: launched 7 h 30 min before, ends −1 h 30 min from this look, ended; i-0bbb: launched 2 h before, ends 4 h from this look, left; i-0ccc: launched 7 h 30 min before, no end is known, failed.',
  );
});

test('the machine that trained stays unfolded under the looks after it', async () => {
  const { page } = await pageOf(sampleLaunch(), sampleReap());
  expect(page).toMatch(/<details open><summary>.*flight-delays-17-1-train/);
});

test('a hundred machines are counted, and a look that found none is whole', async () => {
  const [machine] = sampleReap().machines;
  const many = Array.from({ length: 100 }, (_, index) => ({ ...machine!, id: `i-${index}` }));
  const { page, text } = await pageOf({ ...sampleReap(), machines: many });
  expect(rowsOf(page, 'Machines')).toHaveLength(50);
  expect(text).toContain('And 50 more machines.');
  expect((await pageOf({ ...sampleReap(), machines: [], ghosts: [] })).page).not.toMatch(/NaN|undefined/);
});

test('shows hostile names as plain text', async () => {
  const { page } = await pageOf(sampleLaunch(HOSTILE_TEXT), sampleReap(HOSTILE_TEXT));
  expect(page).not.toMatch(/<img|onerror=alert\(1\)>/);
});
