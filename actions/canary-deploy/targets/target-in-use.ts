import { UserError } from '../../../shared/errors.ts';
import type { TargetState } from './target.ts';

/** What another run has stored where it is at work. */
export type FoundInUse = Pick<TargetState, 'champion' | 'challenger' | 'progress'> & {
  /** See `Target.address`. */
  address: string | null;
};

/** Another run is at work where the model serves, and it lives. */
export class TargetInUse extends UserError {
  readonly found: FoundInUse;

  constructor(message: string, options: ConstructorParameters<typeof UserError>[1], found: FoundInUse) {
    super(message, options);
    this.found = found;
  }
}
