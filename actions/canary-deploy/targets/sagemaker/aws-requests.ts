import type { Tag } from '@aws-sdk/client-sagemaker';
import { type AwsService, clientSettings } from '../../../../shared/aws/client-settings.ts';
import { askAws, type CallOptions, isThere } from './endpoint-calls.ts';

export type Tags = Record<string, string>;

export type AwsRequestOptions = CallOptions;

/** A page that names itself as the next ends a list. */
export const PAGES = { stopOnSameToken: true } as const;

/** How every request about one endpoint is made; what AWS refuses is a UserError that says which permission it takes. */
export class AwsRequests {
  readonly endpoint: string;
  readonly #options: AwsRequestOptions;

  constructor(options: AwsRequestOptions) {
    this.endpoint = options.endpointName;
    this.#options = options;
  }

  /** For a client of the SDK. */
  settings(service: AwsService) {
    return clientSettings(service, this.#options);
  }

  /** @param verb see {@link askAws}. @param service of the permission. */
  ask<Result>(
    verb: string,
    operation: string,
    work: (signal: { abortSignal: AbortSignal }) => Promise<Result>,
    service = 'sagemaker',
  ): Promise<Result> {
    return askAws(this.#options, verb, `${service}:${operation}`, work);
  }

  /** Every page of a list. */
  all<Page>(
    verb: string,
    operation: string,
    pages: (signal: { abortSignal: AbortSignal }) => AsyncIterable<Page>,
    service?: string,
  ): Promise<Page[]> {
    const read = async (signal: { abortSignal: AbortSignal }) => {
      const found: Page[] = [];
      for await (const page of pages(signal)) found.push(page);
      return found;
    };
    return this.ask(verb, operation, read, service);
  }
}

export const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** @returns false when there is one of this name already. */
export async function unlessThere(made: Promise<unknown>): Promise<boolean> {
  try {
    await made;
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}
