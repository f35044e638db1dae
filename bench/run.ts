/**
 * `npm run bench`: every benchmark, each side by side with what it is measured against, in one run. Numbers are
 * ratios of medians; absolute times depend on the machine. `npm run bench -- start` runs one.
 */
import { benchmark as driftSimulation } from './drift-simulation.ts';
import { benchmark as fairness } from './fairness-simulation.ts';
import { benchmark as gateCalibrate } from './gate-calibrate.ts';
import { benchmark as gateSimulation } from './gate-simulation.ts';
import { benchmark as gateSpeed } from './gate-speed.ts';
import { benchmark as latency } from './latency-simulation.ts';
import { benchmark as load } from './load-generators.ts';
import { benchmark as estimateSimulation } from './performance-estimate-simulation.ts';
import { benchmark as registryPush } from './registry-push.ts';
import { benchmark as slices } from './slice-simulation.ts';
import { benchmark as start } from './start.ts';

const benchmarks = {
  'gate-calibrate': gateCalibrate,
  'gate-simulation': gateSimulation,
  'gate-speed': gateSpeed,
  start,
  load,
  latency,
  slices,
  fairness,
  'estimate-simulation': estimateSimulation,
  'drift-simulation': driftSimulation,
  'registry-push': registryPush,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. Known: ${Object.keys(benchmarks).join(', ')}.\n`,
  );
  process.exit(2);
}
let broken = false;
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { title, table, withinLimit } = await benchmark();
  process.stdout.write(`\n## ${title}\n\n${table}\n`);
  broken ||= !withinLimit;
}
process.exitCode = broken ? 1 : 0;
