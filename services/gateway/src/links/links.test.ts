import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { outputUrlPath } from "@polyreel/contract";
import { keptLinkKeyKey, openFolderStore, readBytes } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedOutput, serveOutput } from "../outputs/testing/served-output.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { keptLinkKey } from "./kept-link-key.js";
import { SignedLinks } from "./signed-links.js";

const PAGE = "https://player.example";

let gateway: RunningGateway;
let output: ServedOutput;
/** As the gateway makes them, with the key that it keeps in its store. */
let links: SignedLinks;
/** Path of an output of tenant acme. */
let path: string;

beforeAll(async () => {
  gateway = await runGateway({ allowedOrigins: [PAGE] });
  output = await serveOutput(gateway, "linked", { lengths: [9] });
  path = output.url.slice(gateway.url.length);
  const keys = [await keptLinkKey(gateway.platform.store)];
  links = new SignedLinks({ keys, lifetimeMs: 60_000, publicUrl: () => gateway.url, cdnUrl: undefined });
});
afterAll(() => gateway.close());

const acme = { tenant: "acme" };

async function ask(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body };
}

async function refusal(url: string, init: RequestInit = {}) {
  const { status, headers, body } = await ask(url, init);
  expect(headers.get("content-type")).toBe("application/problem+json");
  return { status, problem: JSON.parse(body.toString()) };
}

describe("a signed link to an output", () => {
  it("gives its bytes, ranges and headers, to pages of any origin too", async () => {
    const url = links.url("GET", path, acme);
    const foreign = { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" };
    expect((await ask(url, { headers: foreign })).body.equals(output.file)).toBe(true);
    const range = await ask(url, { headers: { range: "bytes=10-19" } });
    expect([range.status, range.body.equals(output.file.subarray(10, 20))]).toEqual([206, true]);
    expect((await ask(url, { method: "HEAD" })).headers.get("content-length")).toBe(String(output.file.length));
  });

  it("is refused altered, expired, for another tenant or method, and whether or not there is such an output", async () => {
    const url = links.url("GET", path, acme);
    const invalid = { status: 403, problem: expect.objectContaining({ status: 403, title: "Forbidden" }) };
    expect(await refusal(url.replace("linked", "other"))).toEqual(invalid);
    expect(await refusal(url.replace("tenant=acme", "tenant=globex"))).toEqual(invalid);
    expect(await refusal(url.slice(0, -1))).toEqual(invalid);
    expect(await refusal(url, { method: "DELETE" })).toEqual(invalid);
    const existing = await refusal(`${url}&x=1`);
    const missing = await refusal(`${links.url("GET", outputUrlPath("b0", "c0"), acme)}&x=1`);
    expect(missing).toEqual(existing);
    expect(existing.problem.detail).toMatch(/altered or cut.*Copy it whole/);

    const past = new SignedLinks(
      {
        keys: [await keptLinkKey(gateway.platform.store)],
        lifetimeMs: 1000,
        publicUrl: () => gateway.url,
        cdnUrl: undefined,
      },
      () => Date.now() - 5000,
    );
    const expired = await refusal(past.url("GET", path, acme));
    expect(expired).toMatchObject({ status: 403, problem: { failure: { field: "expires" } } });
    expect((await ask(past.url("GET", path, acme), { method: "HEAD" })).body).toHaveLength(0);
  });

  it("reaches the data of its tenant only, and no other is named beside it", async () => {
    // A valid link, of a tenant that has no such batch.
    expect((await ask(links.url("GET", path, { tenant: "globex" }))).status).toBe(404);
    const url = links.url("GET", path, acme);
    expect((await ask(url, { headers: { "polyreel-tenant": "acme" } })).status).toBe(200);
    expect((await ask(url, { headers: { "polyreel-tenant": "globex" } })).status).toBe(403);
  });

  it("can be read by scripts of configured origins only, and a refusal too", async () => {
    const url = links.url("GET", path, acme);
    const allowed = async (target: string, origin: string) =>
      (await ask(target, { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await allowed(url, PAGE)).toBe(PAGE);
    expect(await allowed(`${url}x`, PAGE)).toBe(PAGE);
    expect(await allowed(url, "https://elsewhere.example")).toBeNull();
  });

  it("works wherever links do: an invalid one is refused on every path", async () => {
    for (const other of [
      "/",
      "/nowhere",
      "/polyreel.v1.BatchService/ListBatches?connect=v1&encoding=json&message=%7B%7D",
    ]) {
      const { status } = await refusal(`${gateway.url}${other}${other.includes("?") ? "&" : "?"}signature=x`);
      expect(status).toBe(403);
    }
  });

  it("does not let pages of other origins call", async () => {
    const url = links.url("PUT", "/sources/a.mp4", acme);
    const headers = { origin: "https://elsewhere.example" };
    expect((await ask(url, { method: "PUT", headers, body: "x" })).status).toBe(403);
  });
});

describe("the kept key", () => {
  it("is made once, whichever gateway comes first", async () => {
    const { address } = gateway.config.store;
    const store = await openFolderStore(join(address, "..", "fresh"));
    const keys = await Promise.all(Array.from({ length: 8 }, () => keptLinkKey(store)));
    expect(new Set(keys.map(({ id, secret }) => id + secret.export().toString("hex"))).size).toBe(1);
    expect(await readdir(join(address, "..", "fresh", "link-keys"))).toEqual(["kept"]);
    expect((await readBytes(store, keptLinkKeyKey())).toString()).toMatch(/^kept-[0-9a-f]{8}:[\w-]{43}\n$/);
    expect(await readFile(join(address, keptLinkKeyKey()), "utf8")).not.toBe(
      await readFile(join(address, "..", "fresh", keptLinkKeyKey()), "utf8"),
    );
  });

  it("is refused when it is damaged", async () => {
    const store = await openFolderStore(join(gateway.config.store.address, "..", "damaged"));
    await store.put(keptLinkKeyKey(), Buffer.from("kept-1:short\n"));
    await expect(keptLinkKey(store)).rejects.toMatchObject({ code: "precondition" });
  });
});
