import { UserError } from '../../shared/errors.ts';
import { type AskedScan, scanAsAsked } from '../../shared/models/scan/scan-as-asked.ts';
import { describeScan, scanRefuses, scanVerdict } from '../../shared/records/model-scan.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { DeployedModel } from './targets/target.ts';

/**
 * Looks into the files of every version that a server is started for on this machine, whichever operation starts it:
 * the champion that is brought up again, and the one that a rollback goes back to.
 */
export class ScanBeforeStart {
  readonly #asked: AskedScan;
  readonly #deps: Pick<Deps, 'log' | 'signal' | 'now' | 'temporaryFolder'>;
  /** Digests that this job has looked into already. */
  readonly #judged = new Set<string>();

  constructor(asked: AskedScan, deps: Pick<Deps, 'log' | 'signal' | 'now' | 'temporaryFolder'>) {
    this.#asked = asked;
    this.#deps = deps;
  }

  /** The version was looked into, and may start. */
  passed(digest: string): void {
    this.#judged.add(digest);
  }

  /** @param folder of its files, held to its digest just before. @throws UserError where they are not safe to load. */
  async check({ digest, uri }: DeployedModel, folder: string): Promise<void> {
    if (this.#asked.mode === 'off' || this.#judged.has(digest)) return;
    const scan = await scanAsAsked(folder, this.#asked, this.#deps);
    if (scanRefuses(scan)) {
      throw new UserError(`The version ${uri} is not started: ${describeScan(scan)}.`, {
        where: { key: 'scan' },
        fix: 'Vouch for a class of your own in scan-allow, or give scan: warn to start it all the same.',
      });
    }
    if (scanVerdict(scan) !== 'pass')
      this.#deps.log.warning(`${uri} is started although ${describeScan(scan)}.`);
    this.passed(digest);
  }
}
