import { parseProviders } from "../settings/parse-providers.js";
import type { ProviderSettings } from "../settings/provider-settings.js";
import { RESOURCE } from "./openid-provider.js";

/** Settings for a provider of tests: the group "staff" edits, "root" operates, all for the tenant "acme". */
export function settingsFor(issuer: string, more: Readonly<Record<string, unknown>> = {}, env = {}): ProviderSettings {
  const entry = {
    issuer,
    clientId: "polyreel",
    audiences: [RESOURCE],
    tenant: "acme",
    role: { claim: "groups", values: { staff: "editor", leads: "admin", root: "operator" } },
    ...more,
  };
  const [settings] = parseProviders("oidc.yaml", JSON.stringify({ company: entry }), env);
  if (!settings) throw new Error("no settings");
  return settings;
}
