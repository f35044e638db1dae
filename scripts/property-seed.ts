/**
 * Property tests draw the same cases in every run, so that a change is judged by what it changed. `PROPERTY_SEED=random`
 * draws others, `PROPERTY_SEED=<number>` those that a report names.
 */
import fc from 'fast-check';

const { PROPERTY_SEED: asked } = process.env;
if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? 20_261_127 : Number(asked) });
