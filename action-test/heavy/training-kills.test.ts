import { test } from 'vitest';
import { playKills } from '../../actions/train-on-gpu-runner/fixtures/kills-played.ts';

test(
  '200 kills at random points of each way to upload: the metrics and the model of an undisturbed run, and no step twice',
  () => playKills(420, 9_000),
  600_000,
);
