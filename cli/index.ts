#!/usr/bin/env node
/** The command line: `npx mlops-actions <action> --<input> <value>` runs the same definitions as the actions. */
import { runCommandLine } from './command-line.ts';
import { nodeProblem } from './node-version.ts';

const problem = nodeProblem(process.version);
if (problem !== undefined) process.stderr.write(`${problem}\n`);
process.exitCode = problem === undefined ? await runCommandLine(process.argv.slice(2)) : 2;
