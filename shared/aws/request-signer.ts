/** Signs requests to servers that are not AWS's own but stand behind its authentication, e.g. an API Gateway. */
import { createHash } from 'node:crypto';
import { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { awsError, regionMissing } from './aws-error.ts';
import { type AwsOptions, clientSettings } from './client-settings.ts';

export interface UnsignedRequest {
  method: string;
  /** Each part of its path encoded once; its query encoded as RFC 3986 says, which is what the signature is made of. */
  url: URL;
  headers: Record<string, string>;
  /** Read to its end for its sha256. */
  body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined;
}

/** The headers of a request with the signature among them, for five minutes from now. */
export type SignRequest = (request: UnsignedRequest) => Promise<Record<string, string>>;

/**
 * Signs with SigV4, by the credentials and for the region that a client of AWS would use here.
 * @param service the name in the signature, e.g. `execute-api`. @param now the time of the signature.
 * @returns a function that throws UserError when there are no credentials or no region.
 */
export function requestSigner(
  service: string,
  options: AwsOptions,
  now: () => Date = () => new Date(),
): SignRequest {
  // The chain that finds credentials and region has no door of its own but a client; it sends nothing.
  const { config } = new STSClient(clientSettings('STS', options));
  const region = () =>
    config.region().catch(() => {
      throw regionMissing();
    });
  const { sha256 } = config;
  const signer = new SignatureV4({ service, region, credentials: () => config.credentials(), sha256 });
  return async ({ method, url, headers, body }) => {
    const { protocol, hostname, pathname: path } = url;
    const request = {
      method,
      protocol,
      hostname,
      path,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host, 'x-amz-content-sha256': await sha256Of(body ?? []) },
    };
    try {
      return (await signer.sign(request, { signingDate: now() })).headers;
    } catch (error) {
      const what = `sign a request to ${url.origin}`;
      throw awsError(error, { what, permission: `${service}:Invoke`, resource: url.origin }, options.env);
    }
  };
}

async function sha256Of(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of body) hash.update(part);
  return hash.digest('hex');
}
