/**
 * `npm test`: installs what is missing, then runs every tier but the heavy one; with `--heavy` only that, whose tools
 * fill a disk. Further words go to Vitest.
 */
import { spawnSync } from 'node:child_process';
import { install } from './install.mjs';
import { say } from './peers-cache.mjs';

const words = process.argv.slice(2);
const heavy = words.includes('--heavy');
const rest = words.filter((word) => word !== '--heavy');
const isPart = rest.some((word) => word.startsWith('--project'));
const projects = heavy ? ['--project', 'heavy'] : isPart ? [] : ['--project', '!heavy'];

const env = install({ heavy });
if (!heavy && !isPart)
  say('The heavy tier is left out, whose tools take 9 GB: "npm test -- --heavy" installs and runs it.');
const { status } = spawnSync('vitest', ['run', ...projects, ...rest], { env, stdio: 'inherit' });
process.exit(status ?? 1);
