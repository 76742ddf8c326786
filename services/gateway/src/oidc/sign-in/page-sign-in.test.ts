import { inChromium, NEEDS_CHROMIUM } from "@polyreel/media/testing";
import { freePort } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";
import { OpenIdProvider, signingKey } from "../testing/openid-provider.js";
import { settingsFor } from "../testing/provider-settings.js";
import { TestBrowser } from "../testing/test-browser.js";
import { callbackPath } from "./code-flow.js";

const SECRET = "s3cr3t-of-the-client";
let openid: OpenIdProvider;
let gateway: RunningGateway;
/** Whom the provider's claims are about now. */
const claims: Record<string, unknown> = { groups: ["staff"] };

beforeAll(async () => {
  const port = await freePort();
  const client = {
    ...{ client_id: "polyreel", client_secret: SECRET, redirect_uris: [callbackOf(port)] },
    post_logout_redirect_uris: [`http://127.0.0.1:${port}/sign-in`],
    backchannel_logout_uri: `http://127.0.0.1:${port}/sign-in/company/logout`,
    backchannel_logout_session_required: true,
  };
  openid = await OpenIdProvider.start({ keys: [await signingKey("one")], clients: [client], claims });
  const settings = settingsFor(
    openid.issuer,
    { label: "Company <login>", clientSecretVariable: "S", returnsAfterSignOut: true },
    { S: SECRET },
  );
  gateway = await runGateway({ auth: "required", port, oidc: [settings] });
});
afterAll(async () => {
  await gateway.close();
  await openid.close();
});

const callbackOf = (port: number) => `http://127.0.0.1:${port}${callbackPath("company")}`;
const get = (path: string, cookie = "") => fetch(gateway.url + path, { redirect: "manual", headers: { cookie } });
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(";")[0] ?? "";

it("leads a person in Chromium from a page to the provider and back, signed in", NEEDS_CHROMIUM, async () => {
  await inChromium("", async (page) => {
    await page.goto(`${gateway.url}/sources?limit=3`);
    await page.getByRole("link", { name: "Sign in with Company <login>" }).click();
    await page.waitForURL(`${gateway.url}/sources?limit=3`);
    expect(await page.textContent("body")).toContain("sources");
    // Ports share cookies: the provider has some, too.
    const own = (await page.context().cookies()).filter(({ name }) => name.startsWith("__Host-"));
    expect(own).toMatchObject([{ name: "__Host-polyreel", httpOnly: true, secure: true, sameSite: "Lax" }]);
    await page.goto(`${gateway.url}/sign-in`);
    expect(await page.textContent("main")).toContain("You are signed in as ada@example.com");
  });
});

/** Signs in by a browser that may be signed in at the provider; returns the cookie of the session here. */
async function signedIn(browser: TestBrowser): Promise<string> {
  const begun = await get("/sign-in/company");
  const answer = await browser.follow(begun.headers.get("location") ?? "", callbackOf(gateway.port));
  const ended = await get(answer.pathname + answer.search, cookieOf(begun));
  return (
    ended.headers
      .getSetCookie()
      .find((one) => one.startsWith("__Host-polyreel="))
      ?.split(";")[0] ?? ""
  );
}
const isSignedIn = async (cookie: string) =>
  (await (await get("/sign-in", cookie)).text()).includes("You are signed in");
const signOut = (cookie: string) =>
  fetch(`${gateway.url}/sign-out`, { method: "POST", redirect: "manual", headers: { cookie, origin: gateway.url } });
const logout = (token: string) =>
  fetch(`${gateway.url}/sign-in/company/logout`, {
    method: "POST",
    body: new URLSearchParams({ logout_token: token }),
  });

describe("a sign-out", () => {
  it("offers to sign out at the provider, which ends the other sessions here, and leads back", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await signedIn(browser), await signedIn(browser)];
    const other = await signedIn(new TestBrowser());
    const page = await (await signOut(first)).text();
    expect([await isSignedIn(first), await isSignedIn(second)]).toEqual([false, true]);
    expect(page).toContain("Sign out at Company &lt;login&gt;, too");
    const address = /class="other" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(new URL(address).searchParams.get("id_token_hint")).toMatch(/^ey/);
    const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(await browser.page(address)) ?? [];
    const confirmed = await browser.page(`${openid.issuer}/session/end/confirm`, { xsrf, logout: "yes" });
    expect(confirmed).toContain("<h1>Sign in</h1>");
    await expect.poll(() => isSignedIn(second)).toBe(false);
    // At the provider that is another session.
    expect(await isSignedIn(other)).toBe(true);
  });

  it("ends all sessions of a person of whom the provider says so, and none by anything else", async () => {
    const sessions = [await signedIn(new TestBrowser()), await signedIn(new TestBrowser())];
    const stillSignedIn = () => Promise.all(sessions.map(isSignedIn));
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    const aud = "polyreel";
    const typ = "logout+jwt";
    for (const token of [
      "",
      "x.y.z",
      await openid.token({ aud }, { typ }),
      await openid.token({ aud, events }),
      await openid.token({ events }, { typ }),
      await openid.token({ aud, events, nonce: "n" }, { typ }),
      await openid.token({ aud, events, exp: 1 }, { typ }),
      await openid.token({ aud, events, iss: "https://evil.example" }, { typ }),
    ]) {
      expect((await logout(token)).status).toBe(401);
    }
    expect((await logout(await openid.token({ aud, events, sub: "bob" }, { typ }))).status).toBe(200);
    expect((await logout(await openid.token({ aud, events, sid: "another" }, { typ }))).status).toBe(200);
    expect(await stillSignedIn()).toEqual([true, true]);
    expect((await logout(await openid.token({ aud, events }, { typ }))).status).toBe(200);
    expect(await stillSignedIn()).toEqual([false, false]);
  });

  it("is possible of a session that is over", async () => {
    const cookie = await signedIn(new TestBrowser());
    await signOut(cookie);
    expect((await signOut(cookie)).headers.get("location")).toBe("/sign-in");
  });
});

describe("a browser", () => {
  it("that did not begin the sign-in does not end it, however right its answer is", async () => {
    const begun = await get("/sign-in/company");
    const answer = await new TestBrowser().follow(begun.headers.get("location") ?? "", callbackOf(gateway.port));
    const path = answer.pathname + answer.search;
    for (const cookie of ["", "__Host-polyreel-sign-in=x", cookieOf(await get("/sign-in/company"))]) {
      const refused = await get(path, cookie);
      expect([refused.status, refused.headers.get("set-cookie")]).toEqual([
        401,
        expect.not.stringContaining("__Host-polyreel="),
      ]);
    }
    const ended = await get(path, cookieOf(begun));
    expect([ended.status, ended.headers.get("refresh")]).toEqual([200, "0;url=/"]);
    // The same answer again: its code is used.
    expect((await get(path, cookieOf(begun))).status).toBe(401);
  });

  it.each(["//evil.example", "https://evil.example/", "/\\evil.example"])("is not led to %s", async (to) => {
    const begun = await get(`/sign-in/company?to=${encodeURIComponent(to)}`);
    const answer = await new TestBrowser().follow(begun.headers.get("location") ?? "", callbackOf(gateway.port));
    expect((await get(answer.pathname + answer.search, cookieOf(begun))).headers.get("refresh")).toBe("0;url=/");
  });

  it("shows why there is no session, in text that is only text", async () => {
    claims.groups = ["others"];
    const begun = await get("/sign-in/company");
    const answer = await new TestBrowser().follow(begun.headers.get("location") ?? "", callbackOf(gateway.port));
    const refused = await get(answer.pathname + answer.search, cookieOf(begun));
    claims.groups = ["staff"];
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("gives you no role here")]);
    const unknown = await get("/sign-in/%3Cb%3E");
    expect([unknown.status, await unknown.text()]).toEqual([404, expect.not.stringContaining("<b>")]);
  });
});
