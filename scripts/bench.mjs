/** `npm run bench`: installs what is missing, then runs the benchmarks that the words after `--` name, or all. */
import { spawnSync } from 'node:child_process';
import { install } from './install.mjs';

const { status } = spawnSync('node', ['bench/run.ts', ...process.argv.slice(2)], {
  env: install({ dataTools: true }),
  stdio: 'inherit',
});
process.exit(status ?? 1);
