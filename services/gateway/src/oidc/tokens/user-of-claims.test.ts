import { Role } from "@polyreel/contract";
import { admissionOf, PROVIDERS } from "@polyreel/platform/web";
import { describe, expect, it } from "vitest";
import type { ProviderSettings } from "../settings/provider-settings.js";
import { claimValues } from "./claim-values.js";
import { userOfClaims } from "./user-of-claims.js";

const settings: ProviderSettings = {
  ...{ name: "company", label: "Company", issuer: "https://login.example", clientId: "page", clientSecret: undefined },
  ...{ commandLineClientId: "page", audiences: [], bearerTokens: "access", clients: undefined, algorithms: ["RS256"] },
  ...{ scopes: ["openid"], parameters: {}, emailDomains: [], clockToleranceSeconds: 30 },
  returnsAfterSignOut: false,
  tenant: { fixed: "acme" },
  role: {
    claim: "groups",
    values: new Map([
      ["staff", Role.EDITOR],
      ["leads", Role.ADMIN],
      ["root", Role.OPERATOR],
    ]),
  },
  admission: admissionOf("", PROVIDERS),
};
const claims = { sub: "7", groups: ["staff"], email: "ada@example.com", email_verified: true };

describe("a role", () => {
  it.each([
    ["staff", Role.EDITOR],
    [["others", "staff"], Role.EDITOR],
    [["staff", "leads"], Role.ADMIN],
    [["leads", "root"], Role.OPERATOR],
  ])("of the groups %j is the highest of theirs", (groups, role) => {
    const user = userOfClaims({ ...claims, groups }, settings);
    const tenant = role === Role.OPERATOR ? "" : "acme";
    expect(user).toEqual({ id: "company:7", name: "ada@example.com", role, tenant });
  });

  it.each([[undefined], [""], [[]], ["Staff"], ["editor"], [4], [{ staff: true }], [[["staff"]]], [["__proto__"]]])(
    "is not given by %j",
    (groups) => {
      const refusal = expect.objectContaining({ code: "denied", message: expect.stringMatching(/gives you no role/) });
      expect(() => userOfClaims({ ...claims, groups }, settings)).toThrow(refusal);
    },
  );
});

describe("a tenant", () => {
  const byClaim: ProviderSettings = { ...settings, tenant: { claim: "org", values: undefined } };
  const byValue: ProviderSettings = { ...settings, tenant: { claim: "org", values: new Map([["A Inc.", "acme"]]) } };

  it.each([
    ["is that of the claim", "globex", byClaim, "globex"],
    ["may be repeated", ["globex", "globex"], byClaim, "globex"],
    ["is that of the value", ["A Inc.", "B Inc."], byValue, "acme"],
  ])("%s", (_, org, one, tenant) => {
    expect(userOfClaims({ ...claims, org }, one).tenant).toBe(tenant);
  });

  it.each([
    ["missing", undefined, byClaim, /no tenant/],
    ["empty", "", byClaim, /no tenant/],
    ["one of two", ["acme", "globex"], byClaim, /several tenants/],
    ["a path", "../acme", byClaim, /name is none/],
    ["all", "*", byClaim, /name is none/],
    ["not a text", { acme: 1 }, byClaim, /no tenant/],
    ["without a mapping", "acme", byValue, /no tenant/],
  ])("that is %s is refused", (_, org, one, message) => {
    expect(() => userOfClaims({ ...claims, org }, one)).toThrow(message);
  });
});

it.each([
  [{ email: "ada@example.com", email_verified: true }, undefined],
  [{ email: "ada@EXAMPLE.com", email_verified: true }, undefined],
  [{ email: "ada@example.com" }, /confirms no email/],
  [{ email: "ada@example.com", email_verified: "true" }, /confirms no email/],
  [{ email: "ada@example.com.evil.test", email_verified: true }, /may not sign in/],
  [{ email: "ada@evil.test", email_verified: true }, /may not sign in/],
  [{ email: "example.com", email_verified: false }, /confirms no email/],
])("of %j, where only example.com may sign in: %s", (email, message) => {
  const only: ProviderSettings = { ...settings, emailDomains: ["example.com"] };
  const user = () => userOfClaims({ sub: "7", groups: "staff", ...email }, only);
  if (message) expect(user).toThrow(message);
  else expect(user().role).toBe(Role.EDITOR);
});

it.each([[{ ...claims, sub: "" }], [{ ...claims, sub: 7 }], [{ ...claims, sub: "7".repeat(256) }]])(
  "names a subject: not %j",
  (wrong) => void expect(() => userOfClaims(wrong, settings)).toThrow(/names no subject/),
);

it.each([
  ["roles", { roles: ["a", "b"] }, ["a", "b"]],
  ["realm_access.roles", { realm_access: { roles: ["a"] } }, ["a"]],
  ["https://example.com/role", { "https://example.com/role": "a" }, ["a"]],
  ["constructor.name", {}, []],
  ["a.b", { a: "b" }, []],
  ["a", { a: ["x", 3, null, "y"] }, ["x", "y"]],
])("finds the claim %s", (name, given, values) => {
  expect(claimValues(given, name)).toEqual(values);
});
