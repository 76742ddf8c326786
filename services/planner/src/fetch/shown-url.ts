/**
 * A URL as people are told of it: host and path. The query, the fragment, user and password are left out everywhere, for a
 * signed URL is a key.
 */
export function shownUrl(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return host + (pathname === "/" ? "" : pathname);
  } catch {
    return "an address that can't be read";
  }
}
