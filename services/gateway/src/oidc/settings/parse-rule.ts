import { Role } from "@polyreel/contract";
import type { SettingsReading } from "@polyreel/pipeline/settings";
import { isTenant } from "@polyreel/platform/blobs";
import type { GrantedRole, Rule } from "./claim-rule.js";

const ROLES = new Map<string, GrantedRole>([
  ["viewer", Role.VIEWER],
  ["editor", Role.EDITOR],
  ["admin", Role.ADMIN],
  ["operator", Role.OPERATOR],
]);
const TENANT = "Write the name of a tenant: lower-case letters, digits and hyphens.";
const ROLE = `Write one of ${[...ROLES.keys()].join(", ")}.`;

/** Reads what gives the tenant; undefined and a problem if it is wrong. */
export const tenantRule = (value: unknown, path: string, reading: SettingsReading): Rule<string> | undefined =>
  ruleOf(value, path, reading, { of: (text) => (isTenant(text) ? text : undefined), remedy: TENANT });

/** Reads what gives the role. Values of its claim have no meaning by themselves. */
export function roleRule(value: unknown, path: string, reading: SettingsReading): Rule<GrantedRole> | undefined {
  const rule = ruleOf(value, path, reading, { of: (text) => ROLES.get(text), remedy: ROLE });
  if (!rule || "fixed" in rule || rule.values) return rule;
  reading.refuse(path, "It has no values.", "Say which values give which roles, as in values: {staff: editor}.");
  return undefined;
}

interface Target<T> {
  readonly of: (text: string) => T | undefined;
  readonly remedy: string;
}

function ruleOf<T>(
  value: unknown,
  path: string,
  reading: SettingsReading,
  { of, remedy }: Target<T>,
): Rule<T> | undefined {
  const target = (given: unknown, at: string): T | undefined => {
    const found = typeof given === "string" ? of(given) : undefined;
    if (found === undefined) reading.refuse(at, given === undefined ? "It is missing." : "It can't be that.", remedy);
    return found;
  };
  if (typeof value !== "object" || value === null) {
    const fixed = target(value, path);
    return fixed === undefined ? undefined : { fixed };
  }
  const entry = reading.fields(value, path);
  reading.known(entry, path, ["claim", "values"]);
  const claim = reading.text(entry.claim, `${path}.claim`, /^[^\p{C}]{1,200}$/u, "Write the name of a claim.");
  if (claim === undefined) return undefined;
  if (entry.values === undefined) return { claim, values: undefined };
  const values = new Map<string, T>();
  for (const [name, given] of Object.entries(reading.fields(entry.values, `${path}.values`))) {
    const found = target(given, `${path}.values.${name}`);
    if (found !== undefined) values.set(name, found);
  }
  return { claim, values };
}
