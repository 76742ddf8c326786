import { createHmac, randomBytes } from "node:crypto";
import { Role } from "@polyreel/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../call/call.js";
import { Provider } from "./provider/provider.js";
import { ProviderScheme } from "./provider-scheme.js";
import { OpenIdProvider, RESOURCE, type SigningKey, signingKey } from "./testing/openid-provider.js";
import { settingsFor } from "./testing/provider-settings.js";

const PROGRAM = {
  ...{ client_id: "program", client_secret: "s3cr3t", grant_types: ["client_credentials"] },
  ...{ redirect_uris: [], response_types: [] },
};
const seconds = () => Math.floor(Date.now() / 1000);
const unauthenticated = expect.objectContaining({ code: "unauthenticated" });
const unavailable = expect.objectContaining({ code: "unavailable" });

let one: SigningKey;
let two: SigningKey;
let openid: OpenIdProvider;
/** Milliseconds that the gateway's clock is ahead. */
let aheadMs = 0;
let scheme: ProviderScheme;
const now = () => Date.now() + aheadMs;
const schemeFor = (...settings: ReturnType<typeof settingsFor>[]) =>
  new ProviderScheme(
    settings.map((each) => new Provider(each, now)),
    now,
  );
const start = (keys: readonly SigningKey[], port = 0) =>
  OpenIdProvider.start({ keys, port, clients: [PROGRAM], claims: { groups: ["staff"] } });
const userOf = (principal: Principal | undefined) => (principal?.kind === "user" ? principal.user : undefined);

beforeAll(async () => {
  [one, two] = await Promise.all([signingKey("one"), signingKey("two", "ES256")]);
});
beforeEach(async () => {
  aheadMs = 0;
  openid = await start([one]);
  scheme = schemeFor(settingsFor(openid.issuer));
});
afterEach(() => openid.close());
afterAll(() => openid.close());

/** Of the provider's token endpoint. */
async function issued(): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const authorization = `Basic ${Buffer.from("program:s3cr3t").toString("base64")}`;
  const response = await fetch(`${openid.issuer}/token`, { method: "POST", body, headers: { authorization } });
  return ((await response.json()) as { access_token: string }).access_token;
}

describe("a token", () => {
  it("that the provider issues says who calls, with a role and a tenant, until it expires", async () => {
    const principal = await scheme.identify(await issued());
    expect(userOf(principal)).toMatchObject({ id: "company:program", role: Role.EDITOR, tenant: "acme", session: "" });
    expect(await scheme.stillHolds(principal as Principal)).toBe(true);
    aheadMs = 610_000;
    expect(await scheme.stillHolds(principal as Principal)).toBe(true);
    aheadMs = 640_000;
    expect(await scheme.stillHolds(principal as Principal)).toBe(false);
  });

  it.each<[string, object, object?]>([
    ["of another audience", { aud: "https://other.test" }],
    ["without an audience", { aud: undefined }],
    ["of another issuer", { iss: "https://login.example" }],
    ["without an end", { exp: undefined }],
    ["without a subject", { sub: undefined }],
    ["that expired", { exp: seconds() - 40 }],
    ["that is not valid yet", { nbf: seconds() + 40 }],
    ["with a time that is none", { exp: "soon" }],
    ["for clients, by its nonce", { nonce: "x" }, { typ: "JWT" }],
    ["for clients, by a hash", { at_hash: "x" }, { typ: "JWT" }],
    ["for clients, by its payload", { typ: "ID" }, { typ: "JWT" }],
    ["about a sign-out", {}, { typ: "logout+jwt" }],
    ["bound to a key", { cnf: { jkt: "x" } }],
  ])("%s is refused", async (_, claims, header) => {
    const refused = scheme.identify(await openid.token({ ...claims }, { ...header }));
    if ("iss" in claims) expect(await refused).toBeUndefined();
    else await expect(refused).rejects.toEqual(unauthenticated);
  });

  it.each([
    ["expired 20 s ago", { exp: seconds() - 20 }],
    ["becomes valid in 20 s", { nbf: seconds() + 20 }],
    ["has several audiences", { aud: ["https://other.test", RESOURCE] }],
  ])("that %s is accepted: clocks differ", async (_, claims) => {
    expect(userOf(await scheme.identify(await openid.token(claims)))?.role).toBe(Role.EDITOR);
  });

  it("is accepted of listed clients only, if there is a list", async () => {
    const strict = schemeFor(settingsFor(openid.issuer, { clients: ["robot"] }));
    expect(userOf(await strict.identify(await openid.token({ azp: "robot" })))).toBeDefined();
    expect(userOf(await strict.identify(await openid.token({ client_id: "robot" })))).toBeDefined();
    for (const claims of [{}, { azp: "other" }, { azp: ["robot"] }, { azp: "other", client_id: "robot" }])
      await expect(strict.identify(await openid.token(claims))).rejects.toEqual(unauthenticated);
  });

  it("is denied without a role, however valid it is", async () => {
    const denied = expect.objectContaining({ code: "denied", message: expect.stringContaining("no role here") });
    await expect(scheme.identify(await openid.token({ groups: ["others"] }))).rejects.toEqual(denied);
  });

  it("is of no interest where no audience is configured", async () => {
    const none = schemeFor(settingsFor(openid.issuer, { audiences: [] }));
    expect(await none.identify(await openid.token())).toBeUndefined();
  });
});

describe("a forger", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = () => part({ iss: openid.issuer, aud: RESOURCE, sub: "eve", groups: ["root"], exp: seconds() + 600 });

  it("has no use for alg none, for the public key as a secret, or for another key", async () => {
    const none = ["none", "None", "NONE"].flatMap((alg) => [
      `${part({ alg, kid: "one" })}.${claims()}.`,
      `${part({ alg, kid: "one" })}.${claims()}.AAAA`,
    ]);
    const { n = "" } = one.jwk;
    const confused = ["HS256", "HS512"].map((alg) => {
      const signed = `${part({ alg, kid: "one" })}.${claims()}`;
      return `${signed}.${createHmac(alg === "HS256" ? "sha256" : "sha512", n)
        .update(signed)
        .digest("base64url")}`;
    });
    const stolen = (await openid.token()).split(".");
    const grafted = `${stolen[0]}.${claims()}.${stolen[2]}`;
    const jwk = await signingKey("one");
    const own = await OpenIdProvider.start({ keys: [jwk] });
    const foreign = await own.token({ iss: openid.issuer });
    await own.close();
    for (const token of [...none, ...confused, grafted, foreign]) {
      const outcome = await scheme.identify(token).then(
        (principal) => principal ?? "no scheme's",
        (error: unknown) => (error as { code: string }).code,
      );
      expect(["no scheme's", "unauthenticated"]).toContain(outcome);
    }
  });

  it("is not helped by a provider of a mix-up: each signs for itself alone", async () => {
    const other = await OpenIdProvider.start({ keys: [two] });
    const both = schemeFor(settingsFor(openid.issuer), settingsFor(other.issuer, { tenant: "globex" }));
    expect(userOf(await both.identify(await other.token()))?.tenant).toBe("globex");
    await expect(both.identify(await other.token({ iss: openid.issuer }))).rejects.toEqual(unauthenticated);
    await expect(both.identify(await other.token({ iss: openid.issuer }, { kid: "one" }))).rejects.toEqual(
      unauthenticated,
    );
    await other.close();
  });

  it("with 10,000 random tokens is refused 10,000 times, and makes the provider answer hardly ever", async () => {
    const random = (bytes: number) => randomBytes(bytes).toString("base64url");
    const tokens = Array.from({ length: 10_000 }, (_, i) => {
      if (i % 4 === 0) return `${random(20)}.${random(100)}.${random(256)}`;
      if (i % 4 === 1) return random(100);
      const header = part({ alg: i % 2 ? "RS256" : "ES256", kid: i % 8 < 4 ? random(8) : "one" });
      return `${header}.${claims()}.${random(256)}`;
    });
    let refused = 0;
    for (const token of tokens)
      await scheme.identify(token).then(
        (found) => found ?? refused++,
        () => refused++,
      );
    expect(refused).toBe(10_000);
    expect(openid.requestsOf("/jwks")).toBeLessThan(5);
  });
});

describe("a provider", () => {
  it("may rotate its keys under load: no valid token is refused", async () => {
    const before = await Promise.all(Array.from({ length: 50 }, (_, i) => openid.token({ jti: i })));
    await Promise.all(before.map((token) => scheme.identify(token)));
    const { port } = openid;
    await openid.close();
    openid = await start([two, one], port);
    aheadMs = 6_000;
    const after = await Promise.all(
      Array.from({ length: 50 }, (_, i) => openid.token({ jti: i, exp: seconds() + 900 })),
    );
    const found = await Promise.all([...after, ...before, ...after].map((token) => scheme.identify(token)));
    expect(found.filter((principal) => principal === undefined)).toEqual([]);
    expect(openid.requestsOf("/jwks")).toBe(1);
  });

  it("that withdraws a key ends its tokens", async () => {
    const token = await openid.token({ exp: seconds() + 3600 });
    expect(userOf(await scheme.identify(token))).toBeDefined();
    const { port } = openid;
    await openid.close();
    openid = await start([two], port);
    expect(userOf(await scheme.identify(token))).toBeDefined();
    aheadMs = 601_000;
    await expect(scheme.identify(token)).rejects.toEqual(unauthenticated);
  });

  it("that is away makes its tokens unavailable, until it answers", async () => {
    const token = await openid.token();
    const { port } = openid;
    await openid.close();
    const refused = scheme.identify(token);
    await expect(refused).rejects.toEqual(unavailable);
    await expect(refused).rejects.toThrow(/"company" can't be checked at the moment: it does not answer/);
    openid = await start([one], port);
    aheadMs = 11_000;
    expect(userOf(await scheme.identify(token))).toBeDefined();
  });

  it("that is away later leaves known keys in use", async () => {
    await scheme.identify(await openid.token());
    await openid.close();
    aheadMs = 120_000;
    expect(userOf(await scheme.identify(await openid.token({ jti: "next" })))).toBeDefined();
  });
});
