/**
 * `npm run bench`: every benchmark, each side by side with what it is measured against, in one run. Numbers are
 * ratios of medians; absolute times depend on the machine. `npm run bench -- start` runs one;
 * `npm run bench -- --readme drift-speed gate-speed` also writes the tables, in that order, into the README.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { benchmark as canarySimulation } from './canary-simulation.ts';
import { benchmark as driftSimulation } from './drift-simulation.ts';
import { benchmark as driftSpeed } from './drift-speed.ts';
import { benchmark as fairness } from './fairness-simulation.ts';
import { benchmark as flightsFaults } from './flights-faults.ts';
import { benchmark as gateCalibrate } from './gate-calibrate.ts';
import { benchmark as gateSimulation } from './gate-simulation.ts';
import { benchmark as gateSpeed } from './gate-speed.ts';
import { benchmark as historySimulation } from './history-simulation.ts';
import { benchmark as latency } from './latency-simulation.ts';
import { benchmark as load } from './load-generators.ts';
import type { Benchmark } from './measure.ts';
import { benchmark as estimateSimulation } from './performance-estimate-simulation.ts';
import { withBenchmarks } from './readme-section.ts';
import { benchmark as registryPush } from './registry-push.ts';
import { CORES } from './run-action.ts';
import { benchmark as scanSpeed } from './scan-speed.ts';
import { benchmark as slices } from './slice-simulation.ts';
import { benchmark as start } from './start.ts';
import { benchmark as trainTelemetry } from './train-telemetry.ts';
import { benchmark as validateSpeed } from './validate-speed.ts';

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
  'canary-simulation': canarySimulation,
  'drift-simulation': driftSimulation,
  'validate-speed': validateSpeed,
  'drift-speed': driftSpeed,
  'flights-faults': flightsFaults,
  'history-simulation': historySimulation,
  'registry-push': registryPush,
  'train-telemetry': trainTelemetry,
  'scan-speed': scanSpeed,
};

const words = process.argv.slice(2);
const isForReadme = words[0] === '--readme';
const wanted = isForReadme ? words.slice(1) : words;
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name));
const refusal =
  unknown.length > 0
    ? `There is no benchmark ${unknown.join(', ')}.`
    : isForReadme && wanted.length === 0
      ? 'Name the benchmarks that the README shows.'
      : undefined;
if (refusal) {
  process.stderr.write(`${refusal} Known: ${Object.keys(benchmarks).join(', ')}.\n`);
  process.exit(2);
}
const results: Benchmark[] = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(benchmarks)) {
  const result = await benchmarks[name as keyof typeof benchmarks]();
  process.stdout.write(`\n## ${result.title}\n\n${result.table}\n`);
  results.push(result);
}
if (isForReadme) {
  const path = join(import.meta.dirname, '../README.md');
  const machine = {
    cores: Math.min(CORES, availableParallelism()),
    processor: cpus()[0]?.model ?? 'unknown processor',
    node: process.versions.node,
  };
  await writeFile(path, withBenchmarks(await readFile(path, 'utf8'), results, machine));
}
process.exitCode = results.every(({ withinLimit }) => withinLimit) ? 0 : 1;
