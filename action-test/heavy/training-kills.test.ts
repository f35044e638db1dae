import { test } from 'vitest';
import { playKills } from '../../actions/train-on-gpu-runner/fixtures/kills-played.ts';

test(
  '480 kills at random points: the metrics and the model of an undisturbed run, and no step twice',
  () => playKills(480, 9_000),
  600_000,
);
