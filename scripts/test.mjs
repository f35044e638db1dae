/**
 * `npm test`: installs what is missing, then runs every tier but the heavy one; with `--heavy` only that, whose tools
 * fill a disk; with `--faults` only the cases of faults of all targets, and all of them. Further words go to Vitest.
 * With `--fuzz` no test but the fuzzing of the safety scan, which takes the further words.
 */
import { spawnSync } from 'node:child_process';
import { install } from './install.mjs';
import { say } from './peers-cache.mjs';

const words = process.argv.slice(2);
const heavy = words.includes('--heavy');
const faults = words.includes('--faults');
const fuzz = words.includes('--fuzz');
const rest = words.filter((word) => !['--heavy', '--faults', '--fuzz'].includes(word));
const isPart = rest.some((word) => word.startsWith('--project'));
const FAULTS = ['--project', 'unit', '--project', 'heavy', 'faults.test'];
const usual = isPart ? [] : ['--project', '!heavy'];
const projects = faults ? FAULTS : heavy ? ['--project', 'heavy'] : usual;

const env = install({ heavy });
if (faults) env.MLOPS_TEST_FAULT_STRIDE = '1';
// Cases that no run has seen yet are found where there is time for them, and do not stop a change that is right.
if (heavy) env.PROPERTY_SEED ??= 'random';
if (!heavy && !faults && !fuzz && !isPart)
  say('The heavy tier is left out, whose tools take 12 GB: "npm test -- --heavy" installs and runs it.');
const [program, ...given] = fuzz ? ['node', 'action-test/fuzz/run.ts'] : ['vitest', 'run', ...projects];
const { status } = spawnSync(program, [...given, ...rest], { env, stdio: 'inherit' });
process.exit(status ?? 1);
