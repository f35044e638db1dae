/**
 * `npm run bench`: every benchmark, each side by side with what it is measured against, in one run. Numbers are
 * ratios of medians; absolute times depend on the machine. `npm run bench -- start` runs one.
 */
import { benchmark as start } from './start.ts';

const benchmarks = { start };

const wanted = process.argv.slice(2);
let broken = false;
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { title, table, withinLimit } = await benchmark();
  process.stdout.write(`\n## ${title}\n\n${table}\n`);
  broken ||= !withinLimit;
}
process.exitCode = broken ? 1 : 0;
