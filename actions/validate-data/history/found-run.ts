/** What the readers of a history find, whether in files or in a registry. */
import type { DataProfile } from '../../../shared/records/data-profile.ts';
import type { Verdict } from '../../../shared/records/envelope.ts';

/** A profile as it was found, and the verdict on its data where that was found beside it. */
export interface FoundRun {
  profile: DataProfile;
  verdict: Verdict | undefined;
}
