import type { Reproduction } from '../../../shared/records/training-run.ts';

/** What a system of versions says of some data. */
export type DataVersion = Reproduction['dataVersions'][number];
