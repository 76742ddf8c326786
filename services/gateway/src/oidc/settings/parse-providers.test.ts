import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Role } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readOidcConfig } from "../config.js";
import { parseProviders } from "./parse-providers.js";

const LEAST = "issuer: https://login.example.com, clientId: polyreel, tenant: acme, role: viewer";
const parse = (text: string, env: NodeJS.ProcessEnv = {}) => parseProviders("oidc.yaml", text, env);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-oidc-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("needs an issuer, a client, a tenant and a role, and has safe defaults", () => {
  const [company] = parse(`company: {${LEAST}}`);
  expect(company).toMatchObject({
    ...{ name: "company", label: "company", issuer: "https://login.example.com", clientId: "polyreel" },
    ...{ clientSecret: undefined, commandLineClientId: "polyreel", audiences: [], bearerTokens: "access" },
    ...{ algorithms: ["RS256", "ES256", "EdDSA", "Ed25519"], scopes: ["openid", "profile", "email"] },
    ...{ tenant: { fixed: "acme" }, role: { fixed: Role.VIEWER }, emailDomains: [], clockToleranceSeconds: 30 },
    returnsAfterSignOut: false,
  });
  expect(company?.admission.admits("login.example.com", "10.0.0.1")).toBe(true);
  expect(company?.admission.admits("other.example.com", "10.0.0.1")).toBe(false);
});

it("reads secrets from a file beside it or from a variable, and shows them to nobody", async () => {
  await writeFile(join(folder, "secret"), "s3cr3t-of-file\n");
  const file = join(folder, "oidc.yaml");
  await writeFile(
    file,
    `one: {${LEAST}, clientSecretFile: secret}\n` +
      `two: {${LEAST.replace("login", "sso")}, clientSecretVariable: SECRET, commandLineClientId: cli}\n`,
  );
  const providers = readOidcConfig({ POLYREEL_OIDC: file, SECRET: "s3cr3t-of-variable" });
  expect(providers.map(({ clientSecret }) => clientSecret?.export().toString())).toEqual([
    "s3cr3t-of-file",
    "s3cr3t-of-variable",
  ]);
  // A client with a secret is not the command line's.
  expect(providers.map(({ commandLineClientId }) => commandLineClientId)).toEqual(["", "cli"]);
  expect(inspect(providers, { depth: 9 }) + JSON.stringify(providers)).not.toContain("s3cr3t");
});

it("accepts ID tokens for its clients only where configured", () => {
  const text = `a: {${LEAST}, bearerTokens: id, commandLineClientId: cli}`;
  expect(parse(text)[0]).toMatchObject({ audiences: ["polyreel", "cli"], bearerTokens: "id" });
});

it("maps claims to tenants and roles", () => {
  const text = `a:
  issuer: https://login.example.com
  clientId: polyreel
  tenant: {claim: org}
  role: {claim: realm_access.roles, values: {staff: editor, root: operator}}`;
  expect(parse(text)[0]).toMatchObject({
    tenant: { claim: "org", values: undefined },
    role: {
      claim: "realm_access.roles",
      values: new Map([
        ["staff", Role.EDITOR],
        ["root", Role.OPERATOR],
      ]),
    },
  });
});

it.each([
  [`a: {${LEAST}, audience: [x]}`, /oidc\.yaml:1: a\.audience: There is no such field\. Did you mean "audiences"\?/],
  [`a: {${LEAST}, algorithms: [none]}`, /a\.algorithms\[0\]: It can't be that\. Write some of RS256/],
  [`a: {${LEAST}, algorithms: [HS256]}`, /a\.algorithms\[0\]/],
  [`a: {${LEAST}, algorithms: []}`, /a\.algorithms: It is empty/],
  [`a: {${LEAST}, parameters: {redirect_uri: x}}`, /a\.parameters\.redirect_uri: The sign-in sets it itself/],
  [`a: {${LEAST}, clockToleranceSeconds: 3600}`, /a\.clockToleranceSeconds.*from 0 to 300/],
  [`a: {${LEAST}, clientSecretFile: none}`, /a\.clientSecretFile: The file can't be read \(ENOENT\)/],
  [`a: {${LEAST}, clientSecretVariable: NONE}`, /a\.clientSecretVariable: There is no secret/],
  [`a: {${LEAST}, clientSecretFile: x, clientSecretVariable: y}`, /The secret is given twice/],
  [`a: {${LEAST}, allow: [300.1.1.1]}`, /a\.allow/],
  [`a: {${LEAST}, emailDomains: ["*"]}`, /a\.emailDomains\[0\]/],
  [`a: {${LEAST.replace("https", "http")}}`, /a\.issuer: It is not an address of https/],
  [`a: {${LEAST.replace("viewer", "owner")}}`, /a\.role: It can't be that\. Write one of viewer, editor/],
  [`a: {${LEAST.replace("viewer", "constructor")}}`, /a\.role: It can't be that/],
  [`a: {${LEAST.replace("viewer", "{claim: groups}")}}`, /a\.role: It has no values/],
  [`a: {${LEAST.replace("viewer", "{claim: groups, value: {}}")}}`, /Did you mean "values"\?/],
  [`a: {${LEAST.replace("acme", "../x")}}`, /a\.tenant: It can't be that/],
  [`a: {${LEAST.replace(", tenant: acme", "")}}`, /a\.tenant: It is missing/],
  [`a: {${LEAST}}\nb: {${LEAST}}`, /oidc\.yaml:2: b\.issuer: Another provider has the same issuer/],
  [`A b: {${LEAST}}`, /can't be a provider's name/],
  ["a: [", /not valid YAML/],
])("refuses %s", (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

it("names the variable of a file that is missing", () => {
  expect(() => readOidcConfig({ POLYREEL_OIDC: join(folder, "none.yaml") })).toThrow(
    /none\.yaml, can't be read \(ENOENT\)/,
  );
});
