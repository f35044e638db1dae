import type { DriverTag } from './driver-tag.ts';
import { storeProgress } from './endpoint-notes.ts';
import type { Endpoint, EndpointService } from './endpoint-service.ts';
import { type Patience, settle } from './settle.ts';
import { type EndpointView, viewEndpoint } from './view.ts';

/** An endpoint as this run saw it last; every look finds out whether another run has taken over since, and says so. */
export class WatchedEndpoint {
  /** Null when there is no endpoint, and before the first look. */
  view: EndpointView | null = null;
  readonly #service: EndpointService;
  readonly #patience: Patience;
  readonly #driver: DriverTag;
  /** Tags that were read just now are not read once more. */
  #isFresh = false;

  constructor(options: { service: EndpointService; patience: Patience; driver: DriverTag }) {
    this.#service = options.service;
    this.#patience = options.patience;
    this.#driver = options.driver;
  }

  /** Waits until nothing is under way, and looks who serves. @throws UserError when another run has taken over. */
  async look(): Promise<EndpointView | null> {
    const endpoint = await settle(this.#service, this.#patience);
    if (endpoint) return this.asItIs(endpoint);
    this.#driver.check(this.#service.endpoint, {});
    this.view = null;
    return null;
  }

  /** As {@link look}; from now on other runs can see that this one changes something. */
  async takeOver(): Promise<EndpointView | null> {
    const view = await this.look();
    this.view = view && (await this.#driver.take(this.#service, view));
    return this.view;
  }

  /** Looks who serves while something may be under way. @throws UserError when another run has taken over. */
  async asItIs(endpoint: Endpoint): Promise<EndpointView> {
    const view = await viewEndpoint(this.#service, endpoint);
    this.#driver.check(this.#service.endpoint, view.tags);
    this.#isFresh = true;
    this.view = view;
    return view;
  }

  /** After what takes a while. @throws UserError when another run has taken over. */
  async check({ arn }: EndpointView): Promise<void> {
    this.#driver.check(this.#service.endpoint, await this.#service.tags(arn));
  }

  /** Time passes: whatever was seen may be otherwise by now. */
  passTime(): void {
    this.#isFresh = false;
  }

  /** @throws UserError when another run has taken over. */
  async save(progress: unknown): Promise<void> {
    let view = this.view ?? (await this.look());
    if (!view) return;
    if (!this.#isFresh || progress === undefined)
      view = { ...view, tags: await this.#service.tags(view.arn) };
    this.#isFresh = false;
    this.view = await storeProgress(this.#service, view, progress, this.#driver);
  }
}
