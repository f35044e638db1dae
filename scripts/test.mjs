/** `npm test`: installs what is missing, then runs every tier but the heavy one. Words after `--` go to Vitest. */
import { spawnSync } from 'node:child_process';
import { install } from './install.mjs';

const { status } = spawnSync('vitest', ['run', ...process.argv.slice(2)], {
  env: install(),
  stdio: 'inherit',
});
process.exit(status ?? 1);
