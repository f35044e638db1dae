import { expect, test } from 'vitest';
import { nodeProblem } from './node-version.ts';

test('an old Node is named, with what to do', () => {
  expect(nodeProblem('v20.20.2')).toMatch(/needs Node 24 or newer, and this is v20\.20\.2\. Install it/);
  expect([nodeProblem('v24.0.0'), nodeProblem('v26.1.0'), nodeProblem(process.version)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
