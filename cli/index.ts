#!/usr/bin/env node
/** The command line: `npx mlops-actions <action> --<input> <value>` runs the same definitions as the actions. */
import { runCommandLine } from './command-line.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
