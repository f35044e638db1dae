/** For tests: many trainings, killed at random points until so many kills are done. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { randomGenerator } from '../../../shared/stats/random.ts';
import {
  type Finished,
  type Kill,
  STYLES,
  type TrainingWorld,
  trainWithKills,
  WAYS,
} from './killed-training.ts';

/** Trainings that run beside each other: they wait most of the time. */
const LANES = 4;
const STEPS = 60;
const EVERY = 10;

export interface Campaign {
  undisturbed: Finished;
  killed: Finished[];
  happened: number;
  /** A line per way of being killed. */
  summary: string;
}

/** @param env address and credentials of an S3 with the bucket `models`; every other training keeps to a folder. */
export async function killRepeatedly(
  kills: number,
  { seed, folder, env }: { seed: number; folder: string; env: NodeJS.ProcessEnv },
): Promise<Campaign> {
  const world = (name: string, style: TrainingWorld['style'], place: string): TrainingWorld => {
    const own = mkdtempSync(join(folder, `${name}-`));
    return { folder: own, place, env, style, steps: STEPS, every: EVERY };
  };
  const undisturbed = await trainWithKills(
    world('undisturbed', 'rename', join(folder, 'undisturbed')),
    () => undefined,
  );
  const killed: Finished[] = [];
  let trainings = 0;
  let happened = 0;
  const lane = async (number: number): Promise<void> => {
    const random = randomGenerator(seed + number);
    const nextKill = (): Kill | undefined => (happened < kills ? drawKill(random) : undefined);
    while (happened < kills) {
      const name = `training-${trainings++}`;
      const style = STYLES[Math.floor(random() * STYLES.length)]!;
      const place = random() < 0.5 ? `s3://models/${name}` : join(folder, name);
      const found = await trainWithKills(world(name, style, place), nextKill, () => {
        happened += 1;
      });
      killed.push(found);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  const lost = killed.flatMap((found) => found.lost);
  const lines = WAYS.map((way) => summaryOf(way, lost));
  return {
    undisturbed,
    killed,
    happened,
    summary: [`${happened} kills in ${trainings} trainings`, ...lines].join('\n'),
  };
}

function drawKill(random: () => number): Kill {
  return {
    way: WAYS[Math.floor(random() * WAYS.length)]!,
    afterLines: 1 + Math.floor(random() * 35),
    atCall: 1 + Math.floor(random() * 30),
    isDone: random() < 0.5,
  };
}

function summaryOf(way: Kill['way'], lost: Finished['lost']): string {
  const of = lost.filter((each) => each.way === way);
  const steps = of.map((each) => each.steps).filter(Number.isFinite);
  return `${way}: ${of.length}, at most ${Math.max(0, ...steps)} steps done again (a checkpoint every ${EVERY})`;
}
