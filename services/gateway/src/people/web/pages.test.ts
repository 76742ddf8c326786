import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Role } from "@polyreel/contract";
import { inChromium, NEEDS_CHROMIUM } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveOutput } from "../../outputs/testing/served-output.js";
import { type PeopleGateway, runPeopleGateway } from "../testing/people-gateway.js";

const EMAIL = "jane@studio.example";
let people: PeopleGateway;
let password: string;
beforeAll(async () => {
  people = await runPeopleGateway();
  ({ password } = await people.person(EMAIL, Role.ADMIN));
});
afterAll(() => people.gateway.close());

describe("Chromium", NEEDS_CHROMIUM, () => {
  it("asks a person to sign in, and leads back; videos and downloads then need nothing else", async () => {
    const { url } = people.gateway;
    const output = new URL((await serveOutput(people.gateway, "clip", { lengths: [20], key: people.operator })).url)
      .pathname;
    await inChromium("", async (page) => {
      await page.goto(`${url}/sources?limit=3`);
      expect(new URL(page.url()).pathname).toBe("/sign-in");
      await page.getByLabel("Email address").fill(EMAIL);
      await page.getByLabel("Password").fill("wrong, but long enough");
      await page.getByRole("button").click();
      expect(await page.getByRole("alert").textContent()).toContain("The email address or the password is wrong.");
      expect(await page.getByLabel("Email address").inputValue()).toBe(EMAIL);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button").click();
      await page.waitForURL(`${url}/sources?limit=3`);
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({
        name: "__Host-polyreel",
        httpOnly: true,
        secure: true,
        sameSite: "Lax",
        path: "/",
      });
      expect(await page.evaluate("document.cookie")).toBe("");
      const duration = await page.evaluate(
        `new Promise((done, fail) => {
          const video = document.createElement("video");
          video.onloadedmetadata = () => done(video.duration);
          video.onerror = () => fail(new Error(video.error?.message));
          video.src = ${JSON.stringify(output)};
        })`,
      );
      expect(duration).toBeGreaterThan(0.5);
      const downloading = page.waitForEvent("download");
      await page.evaluate(
        `{ const link = document.createElement("a"); link.href = ${JSON.stringify(output)}; link.download = "clip.mp4"; link.click(); }`,
      );
      expect(await (await downloading).failure()).toBeNull();
      await page.goto(`${url}/sign-in`);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(`${url}/sign-in`);
      expect(await page.context().cookies()).toEqual([]);
    });
  });

  it("can be made to change nothing by pages of another origin, even of the same site", async () => {
    const { url } = people.gateway;
    const attacker = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<p>Hello</p>"));
    await new Promise<void>((done) => attacker.listen(0, "127.0.0.1", done));
    try {
      await inChromium("", async (page) => {
        await page.goto(`${url}/sign-in`);
        await page.getByLabel("Email address").fill(EMAIL);
        await page.getByLabel("Password").fill(password);
        await page.getByRole("button").click();
        await page.waitForURL(`${url}/`);
        // Another port is another origin, and the same site: SameSite lets the cookie pass.
        await page.goto(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}/`);
        const attack = async (script: string) => page.evaluate(`(async () => { ${script} })()`);
        const before = await people.as(people.operator).sessions.listSessions({});
        for (const [method, path] of [
          ["POST", "/sign-out"],
          ["POST", "/polyreel.v1.SessionService/SignOut"],
          ["POST", "/uploads"],
        ]) {
          const request = `{ method: "${method}", mode: "no-cors", credentials: "include", headers: { "Content-Type": "text/plain" }, body: "{}" }`;
          await attack(`await fetch("${url}${path}", ${request}).catch(() => {})`);
        }
        const answer = page.waitForResponse(`${url}/sign-out`);
        await attack(
          `document.body.innerHTML = '<form method="post" action="${url}/sign-out"></form>'; document.forms[0].submit()`,
        );
        expect((await answer).status()).toBe(403);
        // The cookie was sent, and was the reason.
        await page.waitForURL(`${url}/sign-out`);
        expect(await page.textContent("body")).toContain("A request with a page's cookie");
        const after = await people.as(people.operator).sessions.listSessions({});
        expect(after.sessions.map(({ id }) => id)).toEqual(before.sessions.map(({ id }) => id));
        await page.goto(`${url}/sign-in`);
        expect(await page.getByRole("heading").textContent()).toBe("Signed in");
      });
    } finally {
      attacker.close();
    }
  });
});

describe("a page's session", () => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(people.gateway.url + path, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json", Origin: people.gateway.url, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it("begins and ends by JSON, for scripts of the page", async () => {
    const begun = await post("/session", { email: EMAIL, password });
    expect([begun.status, await begun.json()]).toEqual([
      200,
      expect.objectContaining({ email: EMAIL, tenant: "acme" }),
    ]);
    const [cookie = ""] = begun.headers.get("set-cookie")?.split(";") ?? [];
    const call = () =>
      post("/polyreel.v1.AccessService/GetCaller", {}, { Cookie: cookie }).then(async (response) => response.status);
    expect(await call()).toBe(200);
    const from = (headers: Record<string, string>) =>
      fetch(`${people.gateway.url}/session`, { method: "DELETE", headers: { Cookie: cookie, ...headers } });
    expect((await from({})).status).toBe(403);
    expect((await from({ Origin: "http://evil.example" })).status).toBe(403);
    expect(await call()).toBe(200);
    expect((await from({ "Sec-Fetch-Site": "same-origin" })).status).toBe(204);
    expect(await call()).toBe(401);
  });

  it.each([
    ["wrong password", { email: EMAIL, password: "something else" }, 401],
    ["no fields", {}, 401],
    ["other types", { email: 1, password: [] }, 401],
    ["no JSON", "{", 400],
  ])("is refused with %s", async (_, body, status) => {
    const response = await post("/session", body);
    expect([response.status, response.headers.get("set-cookie")]).toEqual([status, null]);
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "",
    "/.//evil.example",
  ])("leads to no other server by %j", async (to) => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const response = await post("/session", new URLSearchParams({ email: EMAIL, password, to }).toString(), headers);
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
  });

  it("writes what was typed as text", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const fields = { email: '"><script>alert(1)</script>', password: "x", to: '/"><b>' };
    const response = await post("/session", new URLSearchParams(fields).toString(), headers);
    const page = await response.text();
    expect([response.status, page.includes("<script"), page.includes("<b>")]).toEqual([401, false, false]);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("sets a first password by a page, once", async () => {
    const created = await people
      .as(people.operator)
      .users.createUser({ email: "new@studio.example", role: Role.VIEWER });
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const set = async (password: string) => {
      const body = new URLSearchParams({ token: created.passwordToken, password }).toString();
      return (await post("/set-password", body, headers)).status;
    };
    expect([await set("short"), await set("several words of mine"), await set("several words of others")]).toEqual([
      400, 200, 403,
    ]);
  });
});
