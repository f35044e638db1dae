/** The address of the next page that a `Link` header names. */
export function nextPage(response: Response): URL | undefined {
  const link = /<([^>]+)>\s*;[^,]*rel="?next"?/i.exec(response.headers.get('link') ?? '')?.[1];
  return link ? new URL(link, response.url) : undefined;
}
