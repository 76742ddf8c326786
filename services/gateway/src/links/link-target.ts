/** Parameters of a signed link, after those of the path itself. */
export const LINK_PARAMETERS = ["key", "tenant", "expires", "signature"] as const;

/**
 * The path and the parameters of a request's target, without those of the link, in a form that does not change when a
 * proxy or a client encodes the URL in another way or reorders its query. Undefined if the path is not encoded as UTF-8.
 * Pure.
 */
export function linkTarget(target: string): unknown {
  const [path = "", ...query] = target.split("?");
  const parameters = [...new URLSearchParams(query.join("?"))]
    .filter(([name]) => !(LINK_PARAMETERS as readonly string[]).includes(name))
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  try {
    return [path.split("/").map(decodeURIComponent), parameters];
  } catch {
    return undefined;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
