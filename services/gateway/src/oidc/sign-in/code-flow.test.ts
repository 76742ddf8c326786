import { Role } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Provider } from "../provider/provider.js";
import { OpenIdProvider, signingKey } from "../testing/openid-provider.js";
import { settingsFor } from "../testing/provider-settings.js";
import { TestBrowser } from "../testing/test-browser.js";
import { ATTEMPT_LASTS_SECONDS, type Attempt, openAttempt, sealAttempt } from "./attempt.js";
import { beginCodeFlow, callbackPath, endCodeFlow } from "./code-flow.js";

const BASE = "http://127.0.0.1:9";
const CALLBACK = BASE + callbackPath("company");
const client = {
  ...{ client_id: "polyreel", token_endpoint_auth_method: "none" as const, redirect_uris: [CALLBACK] },
  grant_types: ["authorization_code", "refresh_token"],
};

let openid: OpenIdProvider;
let provider: Provider;
const lines: string[] = [];
const log = createLog("test", "debug", { write: (line: string) => void lines.push(line) });
/** Whom the provider's claims are about now. */
const claims: Record<string, unknown> = {};

beforeAll(async () => {
  openid = await OpenIdProvider.start({ keys: [await signingKey("one")], clients: [client], claims });
  provider = new Provider(settingsFor(openid.issuer));
});
beforeEach(() => {
  claims.groups = ["staff"];
  lines.length = 0;
});
afterAll(() => openid.close());

/** A sign-in up to the address that the provider sends the browser to. */
async function answered(): Promise<{ answer: URL; attempt: Attempt }> {
  const { location, attempt } = await beginCodeFlow(provider, BASE, "/");
  return { attempt, answer: await new TestBrowser().follow(location, CALLBACK) };
}
const outcome = (answer: URL, attempt: Attempt) =>
  endCodeFlow(provider, answer, attempt, log).catch((error: unknown) => error as { code: string; message: string });
/** An answer with another parameter, or without it. */
function changed(answer: URL, name: string, value?: string): URL {
  const url = new URL(answer);
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return url;
}

describe("the code flow", () => {
  it("tells who signed in, with claims that only the provider's userinfo has", async () => {
    const { answer, attempt } = await answered();
    expect(await outcome(answer, attempt)).toMatchObject({
      user: { id: "company:ada", name: "ada@example.com", role: Role.EDITOR, tenant: "acme" },
    });
  });

  it("is answered once: a code is worth nothing a second time", async () => {
    const { answer, attempt } = await answered();
    await outcome(answer, attempt);
    expect(await outcome(answer, attempt)).toMatchObject({ code: "unauthenticated" });
  });

  it.each<[string, (answer: URL, other: Attempt) => URL]>([
    ["a missing state", (answer) => changed(answer, "state")],
    ["another state", (answer, other) => changed(answer, "state", other.state)],
    ["two states", (answer) => new URL(`${answer.href}&state=x`)],
    ["another issuer: a mix-up", (answer) => changed(answer, "iss", "https://login.example")],
    ["no code", (answer) => changed(answer, "code")],
    ["an invented code", (answer) => changed(answer, "code", "x".repeat(43))],
    ["another address", (answer) => new URL(answer.href.replace("/company/", "/other/"))],
  ])("refuses an answer with %s", async (_, change) => {
    const { answer, attempt } = await answered();
    const other = (await beginCodeFlow(provider, BASE, "/")).attempt;
    expect(await outcome(change(answer, other), attempt)).toMatchObject({ code: "unauthenticated" });
  });

  it("refuses a code of another sign-in: it lacks the verifier, and the token the nonce", async () => {
    const [own, other] = [await answered(), await answered()];
    const injected = changed(own.answer, "code", other.answer.searchParams.get("code") ?? "");
    expect(await outcome(injected, own.attempt)).toMatchObject({ code: "unauthenticated" });
    const another = await answered();
    const withVerifier = { ...another.attempt, nonce: own.attempt.nonce };
    expect(await outcome(another.answer, withVerifier)).toMatchObject({ code: "unauthenticated" });
  });

  it("says that a person cancelled", async () => {
    const { answer, attempt } = await answered();
    const cancelled = changed(changed(answer, "code"), "error", "access_denied");
    expect(await outcome(cancelled, attempt)).toMatchObject({
      code: "denied",
      message: expect.stringMatching(/cancelled/),
    });
  });

  it("gives nobody a role whom the rules give none", async () => {
    claims.groups = ["others"];
    const { answer, attempt } = await answered();
    expect(await outcome(answer, attempt)).toMatchObject({
      code: "denied",
      message: expect.stringMatching(/no role here/),
    });
  });

  it("logs nothing that anybody could use", async () => {
    const { answer, attempt } = await answered();
    await outcome(changed(answer, "state", "x"), attempt);
    await outcome(changed(answer, "code", "secret-code"), attempt);
    expect(lines).toHaveLength(2);
    const secrets = [...answer.searchParams.values(), attempt.codeVerifier, attempt.nonce, "secret-code"];
    for (const secret of secrets.filter((one) => one !== openid.issuer)) expect(lines.join("")).not.toContain(secret);
  });
});

it("is unavailable while the provider is away", async () => {
  const away = new Provider(settingsFor("http://127.0.0.1:9"));
  await expect(beginCodeFlow(away, BASE, "/")).rejects.toMatchObject({ code: "unavailable" });
});

it("keeps an attempt from everybody but the gateway, for ten minutes", async () => {
  const attempt = { provider: "company", state: "s", nonce: "n", codeVerifier: "v", to: "/x" };
  const key = new Uint8Array(32).fill(1);
  const sealed = await sealAttempt(attempt, key, 0);
  const soon = ATTEMPT_LASTS_SECONDS * 1000;
  expect(await openAttempt(sealed, key, soon - 1)).toEqual(attempt);
  expect(await openAttempt(sealed, key, soon)).toBeUndefined();
  expect(await openAttempt(sealed, new Uint8Array(32), 0)).toBeUndefined();
  expect(await openAttempt(`${sealed.slice(0, -4)}AAAA`, key, 0)).toBeUndefined();
  expect(await openAttempt("", key, 0)).toBeUndefined();
});
