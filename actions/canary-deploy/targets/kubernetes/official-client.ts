/** What is used of the official client, named one by one: an import() of the whole package would bundle all of its API. */
export { HttpMethod, IsomorphicFetchHttpLibrary, KubeConfig, RequestContext } from '@kubernetes/client-node';
