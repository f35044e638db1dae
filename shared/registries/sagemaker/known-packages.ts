import { DIGEST_PROPERTY, digestInDescription } from './package-fields.ts';
import type { PackageSummary, SageMakerService } from './service.ts';

export interface KnownPackage extends PackageSummary {
  digest: string;
}

/** The packages of a group and the digests of their models. */
export class KnownPackages {
  readonly #service: SageMakerService;
  /** Digests do not change, so that each package is asked once. */
  readonly #digests = new Map<string, string | undefined>();

  constructor(service: SageMakerService) {
    this.#service = service;
  }

  /** Oldest first. Of packages of the same bytes the first counts; packages that are not ours are passed over. */
  async all(): Promise<KnownPackage[]> {
    const known = await this.#known();
    return known.filter((entry, index) => known.findIndex(({ digest }) => digest === entry.digest) === index);
  }

  async find(digest: string): Promise<KnownPackage | undefined> {
    return (await this.same(digest))[0];
  }

  /** Every package of these bytes, oldest first. */
  async same(digest: string): Promise<KnownPackage[]> {
    return (await this.#known()).filter((entry) => entry.digest === digest);
  }

  async #known(): Promise<KnownPackage[]> {
    const known: KnownPackage[] = [];
    for (const entry of await this.#service.packages()) {
      const digest = await this.#digestOf(entry);
      if (digest !== undefined) known.push({ ...entry, digest });
    }
    return known;
  }

  async #digestOf({ arn, description }: PackageSummary): Promise<string | undefined> {
    const written = digestInDescription(description);
    if (written !== undefined) return written;
    if (!this.#digests.has(arn)) {
      const digest = (await this.#service.describe(arn))?.CustomerMetadataProperties?.[DIGEST_PROPERTY];
      this.#digests.set(arn, /^sha256:[0-9a-f]{64}$/.test(digest ?? '') ? digest : undefined);
    }
    return this.#digests.get(arn);
  }
}
