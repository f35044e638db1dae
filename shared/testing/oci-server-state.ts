import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the parts of the registry for tests share. */

/** `drop-middle` breaks the connection when half of an upload has come in, and keeps that half. */
export type ServerFault = 'refuse' | 'drop-before' | 'drop-after' | 'drop-middle' | 'none';

export interface OciServerOptions {
  /** Whether it has the referrers API, or is like docker-registry 2.8 and GHCR. */
  referrersApi?: boolean;
  /** Whether the list of referrers lacks their annotations. */
  bareReferrers?: boolean;
  /** Who may come in. `token` sells bearer tokens for these accounts. */
  auth?: { kind: 'basic' | 'token'; username: string; password: string };
  /** Decides per request what goes wrong: 503, a broken connection before, or after it has taken effect. */
  fault?: (request: { method: string; path: string; bytes: number }) => ServerFault;
  /** False: answers 405 to DELETE, as docker-registry does unless it was told otherwise. */
  deletes?: boolean;
  /** What becomes of PATCH: GHCR answers 416 to a large one, ECR 201, Artifact Registry takes none. */
  chunks?: 'taken' | 'answers-201' | 'too-large' | 'refused' | 'lost';
  /** False: lends no blobs to other repositories. */
  mounts?: boolean;
  /** Answers 403 to reading what is not there, as GHCR does. */
  deniesUnknown?: boolean;
  /** Answers 403 to every upload. */
  readOnly?: boolean;
  /** Tags cannot be overwritten: in the words of ECR or Harbor. */
  immutableTags?: 'ecr' | 'harbor';
  /** A repository must have been made before: 404 as ECR says it. */
  wantsRepository?: boolean;
  /** Answers a list of tags that does not end. */
  endlessTags?: boolean;
}

export interface OciServer {
  host: string;
  /** Every request as `METHOD path`. */
  requests: string[];
  /** Values of every Authorization header that came in. */
  authorizations: string[];
  blobs: Map<string, Buffer>;
  /** `<repository> <digest>` of every blob that a repository has. */
  owned: Set<string>;
  /** Digest of each blob that was sent, each time, and how many bytes of it the last request carried. */
  received: { digest: string; bytes: number }[];
  /** By `<repository> <tag or digest>`. */
  manifests: Map<string, { bytes: Buffer; mediaType: string; digest: string }>;
  close(): Promise<void>;
}

export interface OciServerState extends Omit<OciServer, 'host' | 'close'> {
  /** What has come in of each upload. */
  uploads: Map<string, Buffer>;
  /** Token to the scopes it was sold for. */
  tokens: Map<string, string[]>;
}

/** What a request asks of one repository. */
export interface Asked {
  method: string;
  repository: string;
  /** What follows `blobs/`, `manifests/` … */
  reference: string;
  url: URL;
  body: Buffer;
  headers: IncomingMessage['headers'];
}

/** Answers with an error in the specification's form. */
export function fail(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  challenge?: string,
): ServerResponse {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(challenge ? { 'www-authenticate': challenge } : {}),
  });
  return response.end(JSON.stringify({ errors: [{ code, message }] }));
}
