import { once } from "node:events";
import http2 from "node:http2";
import { Role } from "@polyreel/contract";
import { inChromium, NEEDS_CHROMIUM } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PeopleGateway, runPeopleGateway } from "../people/testing/people-gateway.js";

const EMAIL = "jane@studio.example";
let people: PeopleGateway;
let url: string;
let password: string;
beforeAll(async () => {
  people = await runPeopleGateway();
  url = people.gateway.url;
  ({ password } = await people.person(EMAIL, Role.VIEWER));
});
afterAll(() => people.gateway.close());

it("answers every address below /ui with its page, which may load nothing but the gateway's own", async () => {
  for (const path of ["/ui/", "/ui/batches/b1?state=failed", "/ui/no/such/page"]) {
    const response = await fetch(`${url}${path}`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(await response.text()).toContain('<div id="app">');
  }
  const shortened = await fetch(`${url}/ui`, { redirect: "manual" });
  expect([shortened.status, shortened.headers.get("location")]).toEqual([308, "/ui/"]);
});

it("serves assets compressed, for ever, and by HTTP/2 too", async () => {
  const [, path = ""] = /src="([^"]+\.js)"/.exec(await (await fetch(`${url}/ui/`)).text()) ?? [];
  for (const encoding of ["br", "gzip", "identity"]) {
    const response = await fetch(`${url}${path}`, { headers: { "accept-encoding": encoding } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-encoding") ?? "identity").toBe(encoding);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(response.headers.get("vary")).toBe("Accept-Encoding");
    expect((await response.text()).length).toBeGreaterThan(100_000);
  }
  const session = http2.connect(url);
  const [headers] = await once(session.request({ ":path": path }).resume(), "response");
  session.destroy();
  expect(headers[":status"]).toBe(200);
});

it("has no file but its assets", async () => {
  for (const path of ["nothing.js", "..%2findex.html", "..%2f..%2fpackage.json", "%2e%2e/%2e%2e/package.json", "."]) {
    const response = await fetch(`${url}/ui/assets/${path}`);
    expect(await response.text()).not.toContain("@polyreel/web");
    if (response.url.includes("/assets/")) expect(response.status).toBe(404);
  }
});

describe("Chromium", NEEDS_CHROMIUM, () => {
  it("is led to sign in and back to the address it came with", async () => {
    await inChromium("", async (page) => {
      const problems: string[] = [];
      page.on("pageerror", ({ message }) => problems.push(message));
      await page.goto(`${url}/ui/batches?state=finished`);
      await page.getByLabel("Email address").fill(EMAIL);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button").click();
      await page.waitForURL(`${url}/ui/batches?state=finished`);
      await page.getByText("No batch is like that.").waitFor();
      await page.getByText(EMAIL).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(`${url}/sign-in`);
      expect(problems).toEqual([]);
    });
  });
});
