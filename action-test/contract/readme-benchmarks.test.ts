import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withBenchmarks } from '../../bench/readme-section.ts';

const MACHINE = { cores: 2, processor: 'Some  Processor @ 2 GHz', node: '24.1.0' };
const TABLES = [
  { title: 'First (limit 2)', table: '| a | b |\n|---|--:|\n| x | 1 |\n' },
  { title: 'Second', table: '| c |\n|---|\n| y |' },
];
const README = 'Before.\n\n<!-- benchmarks:start -->\nold\n<!-- benchmarks:end -->\n\nAfter.\n';

describe("the README's benchmarks", () => {
  test('tables and machine replace what stood between the markers, and nothing else', () => {
    expect(withBenchmarks(README, TABLES, MACHINE)).toBe(`Before.

<!-- benchmarks:start -->
Measured on 2 cores (Some Processor @ 2 GHz) with Node 24.1.0: whole processes, medians, everything in one table in one run.

**First (limit 2)**

| a | b |
|---|--:|
| x | 1 |

**Second**

| c |
|---|
| y |
<!-- benchmarks:end -->

After.
`);
  });

  test('the same numbers again give the same text', () => {
    const once = withBenchmarks(README, TABLES, MACHINE);
    expect(withBenchmarks(once, TABLES, MACHINE)).toBe(once);
  });

  test.each(['no marker', '<!-- benchmarks:end --> <!-- benchmarks:start -->'])('%s is refused', (text) => {
    expect(() => withBenchmarks(text, TABLES, MACHINE)).toThrow(/no place for the benchmarks/);
  });

  test('the README has the place, and tables in it', async () => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
    const section = readme.split('<!-- benchmarks:start -->')[1]?.split('<!-- benchmarks:end -->')[0];
    expect(section).toMatch(/^\| .+ \|$/m);
    expect(withBenchmarks(readme, TABLES, MACHINE)).toContain('**First (limit 2)**');
  });
});
