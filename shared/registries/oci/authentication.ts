import { UserError } from '../../errors.ts';

/** How a registry asks for credentials (`WWW-Authenticate`) and how it is answered: basic, or a token bought for them. */

export type Credentials = { username: string; password: string } | { identityToken: string };

export interface Challenge {
  scheme: 'basic' | 'bearer';
  parameters: Record<string, string>;
}

/** Reads a `WWW-Authenticate` header (RFC 9110); of several challenges bearer is preferred. */
export function parseChallenge(header: string): Challenge | undefined {
  const challenges: Challenge[] = [];
  const pattern = /(?:^|,)\s*(bearer|basic)\s+((?:[^",]|"(?:[^"\\]|\\.)*"|,(?!\s*(?:bearer|basic)\s))*)/gi;
  for (const [, scheme = '', text = ''] of header.matchAll(pattern)) {
    const parameters: Record<string, string> = {};
    for (const [, key = '', quoted, plain] of text.matchAll(
      /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi,
    )) {
      parameters[key.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    }
    challenges.push({ scheme: scheme.toLowerCase() === 'basic' ? 'basic' : 'bearer', parameters });
  }
  return challenges.find((challenge) => challenge.scheme === 'bearer') ?? challenges[0];
}

/** The header for basic authentication; undefined for credentials that are only good for tokens. */
export function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (!credentials || !('username' in credentials)) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

/** Plain http would show credentials to everybody on the way; on this very machine there is nobody. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** The request that buys a token at the realm that a bearer challenge names. */
export function tokenRequest(
  challenge: Challenge,
  scopes: string[],
  credentials: Credentials | undefined,
): { url: URL; init: RequestInit } {
  const realm = URL.canParse(challenge.parameters.realm ?? '')
    ? new URL(challenge.parameters.realm!)
    : undefined;
  const isSafe =
    realm && (realm.protocol === 'https:' || (realm.protocol === 'http:' && isLoopback(realm.hostname)));
  if (!realm || !isSafe) {
    throw new UserError('The registry sends to a token service that is not reached by https.', {
      fix: 'Credentials are not sent there; check the address of the registry.',
    });
  }
  const service = challenge.parameters.service ?? '';
  if (credentials && 'identityToken' in credentials) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      service,
      client_id: 'mlops-actions',
      scope: scopes.join(' '),
      refresh_token: credentials.identityToken,
    });
    return { url: realm, init: { method: 'POST', body } };
  }
  if (service) realm.searchParams.set('service', service);
  for (const scope of scopes) realm.searchParams.append('scope', scope);
  const authorization = basicHeader(credentials);
  return { url: realm, init: { method: 'GET', headers: authorization ? { authorization } : {} } };
}

/** The token in a token service's answer. @throws UserError when there is none. */
export function tokenOf(answer: unknown): string {
  if (answer !== null && typeof answer === 'object') {
    const { token, access_token: accessToken } = answer as Record<string, unknown>;
    if (typeof token === 'string' && token !== '') return token;
    if (typeof accessToken === 'string' && accessToken !== '') return accessToken;
  }
  throw new UserError('The registry’s token service answered without a token.');
}
