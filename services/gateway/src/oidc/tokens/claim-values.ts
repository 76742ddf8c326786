/** Nobody is in more groups that matter here. */
const MAX_VALUES = 1_000;

export type Claims = Readonly<Record<string, unknown>>;

/**
 * The texts of a claim, which may be a text or a list of them; none if it is missing or something else. `name` is that of a
 * claim, dots included, as in `https://example.com/tenant`, or otherwise a path: `realm_access.roles`.
 */
export function claimValues(claims: Claims, name: string): string[] {
  const found = Object.hasOwn(claims, name) ? claims[name] : follow(claims, name.split("."));
  const values = Array.isArray(found) ? found.slice(0, MAX_VALUES) : [found];
  return values.filter((value): value is string => typeof value === "string" && value !== "");
}

function follow(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return follow((value as Claims)[step], rest);
}
