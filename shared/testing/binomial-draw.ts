/** How many of `trials` succeed with `chance` each: the gaps between successes are geometric, so rare ones are cheap. */
export function binomialDraw(random: () => number, trials: number, chance: number): number {
  if (chance > 0.5) return trials - binomialDraw(random, trials, 1 - chance);
  if (chance <= 0) return 0;
  const logMiss = Math.log1p(-chance);
  let count = 0;
  let place = 0;
  for (;;) {
    place += Math.floor(Math.log(1 - random()) / logMiss) + 1;
    if (place > trials) return count;
    count += 1;
  }
}
