import { parseEntries, type SettingsReading, type SettingsTerms } from "@polyreel/pipeline/settings";
import { parseBytes } from "@polyreel/platform";
import { isTenant } from "@polyreel/platform/blobs";
import { QUOTA_NAMES, type QuotaName, type TenantQuotas } from "./tenant-quotas.js";

/** Every tenant without an entry of its own. */
export const ALL_OTHERS = "*";

const terms: SettingsTerms = {
  plural: "quotas",
  singular: "tenant",
  variable: "POLYREEL_QUOTAS",
  reader: "gateway",
  names: {
    isName: (name) => name === ALL_OTHERS || isTenant(name),
    remedy: 'Write the name of a tenant, or "*" for all others.',
  },
};

/** A YAML or JSON file of quotas by tenant. */
export const quotasFormat = {
  terms,
  /** Throws PolyreelError `invalid`. */
  parse: (file: string, text: string): ReadonlyMap<string, TenantQuotas> => parseEntries(file, text, terms, readQuotas),
};

function readQuotas(tenant: string, entry: unknown, reading: SettingsReading): TenantQuotas {
  const fields = reading.fields(entry, tenant);
  reading.known(fields, tenant, QUOTA_NAMES);
  const given = QUOTA_NAMES.filter((name) => fields[name] !== undefined);
  const quotas = given.map((name) => [name, readAmount(name, fields[name], `${tenant}.${name}`, reading)] as const);
  return Object.fromEntries(quotas.filter(([, amount]) => amount !== undefined));
}

function readAmount(name: QuotaName, value: unknown, path: string, reading: SettingsReading): number | undefined {
  const isBytes = /bytes/i.test(name);
  const amount = isBytes && typeof value === "string" ? parseBytes(value) : value;
  if (typeof amount === "number" && Number.isSafeInteger(amount) && amount >= 0) return amount;
  const remedy = isBytes ? "Write a size as in 50GB, 10GiB or 1000000." : "Write a whole number >= 0.";
  reading.refuse(path, "It can't be that.", remedy);
  return undefined;
}
