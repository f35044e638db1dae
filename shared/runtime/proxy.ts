/** Sends every request of this process through the proxy that the environment names, as other programs do. */

/** A proxy cannot reach this machine's own servers, and nobody writes them into NO_PROXY. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Does nothing where the environment names no proxy. @returns a function that undoes it. */
export function useProxyOf(env: NodeJS.ProcessEnv): () => void {
  const HTTP_PROXY = env.http_proxy || env.HTTP_PROXY;
  const HTTPS_PROXY = env.https_proxy || env.HTTPS_PROXY;
  if (!HTTP_PROXY && !HTTPS_PROXY) return () => undefined;
  const NO_PROXY = [env.no_proxy || env.NO_PROXY, ...LOOPBACK].filter(Boolean).join(',');
  // A static import would load all of node:http, its WebSocket too, at the start of every action.
  const { setGlobalProxyFromEnv } = process.getBuiltinModule('node:http');
  return setGlobalProxyFromEnv({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY });
}
