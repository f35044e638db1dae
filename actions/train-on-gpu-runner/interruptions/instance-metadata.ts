import { UserError } from '../../../shared/errors.ts';
import { readText, sendHttp } from '../../../shared/http/send.ts';

const TOKEN_SECONDS = 21_600;
const IDLE_MS = 2_000;
const LARGEST = 64 * 1024;
const DEFAULT_URL = 'http://169.254.169.254';

/**
 * What an EC2 instance can be asked about itself (the metadata service, in its second version). It is on the machine's
 * own link: no proxy is used.
 */
export class InstanceMetadata {
  readonly #url: string;
  #token: string | undefined;

  /** @param url in place of the service's address or the one in AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  constructor(env: NodeJS.ProcessEnv, url?: string) {
    this.#url = (url ?? (env.AWS_EC2_METADATA_SERVICE_ENDPOINT || DEFAULT_URL)).replace(/\/+$/, '');
  }

  /** @param path e.g. `spot/instance-action`. @returns undefined where there is nothing. @throws when it does not answer. */
  async read(path: string): Promise<string | undefined> {
    for (let tries = 0; ; tries++) {
      this.#token ??= await this.#newToken();
      const headers = { 'x-aws-ec2-metadata-token': this.#token };
      const answer = await this.#send('GET', `/latest/meta-data/${path}`, headers);
      if (answer.status === 200) return answer.text;
      if (answer.status === 404) return undefined;
      // Its time is over.
      this.#token = undefined;
      if (answer.status !== 401 || tries > 0) throw refused(path, answer.status);
    }
  }

  async #newToken(): Promise<string> {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS), 'content-length': '0' };
    const { status, text } = await this.#send('PUT', '/latest/api/token', headers);
    if (status !== 200) throw refused('a token', status);
    return text;
  }

  async #send(
    method: string,
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; text: string }> {
    const url = new URL(`${this.#url}${path}`);
    // A container that may not reach the service gets no refusal, only silence.
    const signal = AbortSignal.timeout(2 * IDLE_MS);
    const response = await sendHttp({ method, url, headers, idleMilliseconds: IDLE_MS, signal }, undefined);
    const text = await readText(response, LARGEST, 'The metadata service of EC2');
    return { status: response.statusCode ?? 0, text };
  }
}

function refused(what: string, status: number): UserError {
  return new UserError(`The metadata service of EC2 answers ${status} when it is asked for ${what}.`, {
    fix: 'Let the instance reach its metadata service (IMDSv2; from a container with a hop limit of 2).',
  });
}
