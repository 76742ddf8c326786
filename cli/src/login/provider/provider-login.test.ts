import { readFile } from "node:fs/promises";
import { OpenIdProvider, RESOURCE, signingKey, TestBrowser } from "@polyreel/gateway/oidc/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Server, Workshop } from "../../testing/workshop.js";

const CLIENT = {
  ...{ client_id: "polyreel-cli", application_type: "native" as const, token_endpoint_auth_method: "none" as const },
  ...{ redirect_uris: ["http://127.0.0.1/"], response_types: ["code" as const] },
  grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
};

let openid: OpenIdProvider;
let workshop: Workshop;
let up: Server;

beforeAll(async () => {
  const keys = [await signingKey("one")];
  openid = await OpenIdProvider.start({ keys, clients: [CLIENT], claims: { groups: ["staff"], org: "acme" } });
  workshop = await Workshop.open();
  const company = {
    ...{ issuer: openid.issuer, clientId: CLIENT.client_id, audiences: [RESOURCE], tenant: { claim: "org" } },
    role: { claim: "groups", values: { staff: "editor" } },
  };
  await workshop.write("oidc.json", JSON.stringify({ company }));
  up = await workshop.up(["--out", "videos"], {
    POLYREEL_AUTH: "required",
    POLYREEL_OIDC: "oidc.json",
    LOG_LEVEL: "debug",
  });
}, 120_000);
afterAll(async () => {
  await workshop.close();
  await openid.close();
});

const login = (...args: string[]) => {
  const { child, ended, waitForOutput } = workshop.start(
    ["login", "--server", up.url, "--no-browser", ...args],
    {},
    "pipe",
  );
  return { child, ended, page: () => waitForOutput(/http:\/\/127\.0\.0\.1:\d+\/auth\?\S+/) };
};
const kept = async () => JSON.parse(await readFile(workshop.path("config/polyreel/credentials.json"), "utf8"))[up.url];

it("signs a person in by a code that they type into a browser elsewhere", async () => {
  const { ended, waitForOutput } = workshop.start(["login", "--server", up.url, "--device"]);
  const [, code = "", page = ""] = /type (\S+):\s+(\S+)/.exec(await waitForOutput(/type \S+:\s+\S+(?=\n)/)) ?? [];
  const browser = new TestBrowser();
  const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(await browser.page(page)) ?? [];
  await browser.page(page, { xsrf, user_code: code, confirm: "yes" });
  expect((await ended).stderr).toContain("as ada@example.com (editor of tenant acme)");
}, 60_000);

it("says what is wrong with a provider's name, and that nobody signed in", async () => {
  const wrong = await login("--provider", "compny").ended;
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean "company"?') });
  const { page, child, ended } = login("--provider", "company");
  await page();
  child.kill("SIGINT");
  expect((await ended).stderr).toContain("Nobody signed in.");
}, 60_000);

it("signs a person in by a browser, goes on with new tokens, and ends them at the provider", async () => {
  const { page, ended } = login();
  const address = await page();
  const callback = new URL(address).searchParams.get("redirect_uri") ?? "";
  const redirected = await new TestBrowser().follow(address, callback);
  const forged = new URL(redirected);
  forged.searchParams.set("state", "x");
  expect(await (await fetch(forged)).text()).toContain("not the answer to the sign-in");
  expect(await (await fetch(redirected)).text()).toBe("You are signed in to Polyreel. You can close this page.\n");
  const { exitCode, stderr } = await ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: expect.stringContaining("as ada@example.com (editor of tenant acme)"),
  });
  const first = await kept();
  expect((await up.run("whoami")).stdout).toBe("ada@example.com (editor of tenant acme)\n");

  const all = JSON.parse(await readFile(workshop.path("config/polyreel/credentials.json"), "utf8"));
  all[up.url].accessExpiresAtMs = 1;
  await workshop.write("config/polyreel/credentials.json", JSON.stringify(all));
  expect((await up.run("list")).exitCode).toBe(0);
  const second = await kept();
  expect(second.accessToken).not.toBe(first.accessToken);

  expect((await up.run("logout")).stderr).toBe(`Signed out at ${up.url}.\n`);
  expect(openid.requestsOf("/token/revocation")).toBe(1);
  expect(await kept()).toBeUndefined();
  up.child.kill();
  const log = await up.ended;
  for (const token of [first.accessToken, first.refreshToken, second.accessToken])
    expect(log.stdout + log.stderr + stderr).not.toContain(token);
}, 120_000);
