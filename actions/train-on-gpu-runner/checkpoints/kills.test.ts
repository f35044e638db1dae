import { test } from 'vitest';
import { playKills } from '../fixtures/kills-played.ts';

test(
  '50 kills at random points: the metrics and the model of an undisturbed run, and no step twice',
  () => playKills(50, 8_000),
  120_000,
);
