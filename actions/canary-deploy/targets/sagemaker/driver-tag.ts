import { UserError } from '../../../../shared/errors.ts';
import type { Tags } from './aws-requests.ts';
import type { EndpointService } from './endpoint-service.ts';
import { TAG } from './names.ts';
import type { EndpointView } from './view.ts';

/**
 * Which run changed the endpoint last, in a tag of it: of two runs at once the one that began to change something later
 * goes on, and the other stops before its next change. Tags know no compare-and-swap, so what is between a look at them
 * and the change after it is not guarded.
 */
export class DriverTag {
  readonly #own: string;
  /** Of the first look. */
  #first: { driver: string | undefined } | undefined;

  /** @param own a word of this run alone. */
  constructor(own: string) {
    this.#own = own;
  }

  /** What every change of the endpoint's tags takes along. */
  get tags(): Tags {
    return { [TAG.driver]: this.#own };
  }

  /**
   * A tag that was taken off, or that is shown as it was before this run wrote it, is no other run.
   * @param found tags of the endpoint; empty where there is none. @throws UserError when another run has taken over.
   */
  check(endpoint: string, found: Tags): void {
    const driver = found[TAG.driver];
    this.#first ??= { driver };
    if (driver === undefined || driver === this.#own || driver === this.#first.driver) return;
    throw changedByOthers(endpoint);
  }

  /** Lets every other run see that this one is about to change something. @returns the view after it. */
  async take(service: EndpointService, view: EndpointView): Promise<EndpointView> {
    if (view.tags[TAG.driver] === this.#own) return view;
    await service.addTags(view.arn, this.tags);
    return { ...view, tags: { ...view.tags, ...this.tags } };
  }
}

/** What was to be changed is no longer as this run left it. */
export function changedByOthers(endpoint: string): UserError {
  return new UserError(
    `Another run changed the rollout at the endpoint ${endpoint} while this one was at work.`,
    {
      where: { key: 'operation' },
      fix: 'This run has stopped and left everything to the other. Give both workflows one concurrency group.',
    },
  );
}
