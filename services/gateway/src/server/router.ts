import type { Handler } from "./one-port.js";

/**
 * Routes each request to the handler with the longest matching path prefix, others to `otherwise`: one line for each
 * part of the URL space, such as outputs, uploads or pages. Prefixes end with a slash, so that none splits a name.
 */
export function route(handlers: Readonly<Record<`/${string}/`, Handler>>, otherwise: Handler): Handler {
  const prefixes = Object.entries(handlers).sort(([a], [b]) => b.length - a.length);
  return (request, response) => {
    const path = pathOf(request.url ?? "");
    const [, handler = otherwise] = prefixes.find(([prefix]) => path.startsWith(prefix)) ?? [];
    handler(request, response);
  };
}

/** The path of a request's target; empty if that is no URL. Proxies may send it with scheme and host. */
export function pathOf(target: string): string {
  if (target.startsWith("/")) return target.split("?", 1)[0] ?? "";
  return URL.canParse(target) ? new URL(target).pathname : "";
}
