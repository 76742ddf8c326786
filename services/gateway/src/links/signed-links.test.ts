import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { parseLinkKeys } from "./link-keys.js";
import { type LinkSettings, MAX_LINK_LIFETIME_MS, SignedLinks } from "./signed-links.js";

const secretOf = (digit: string) => digit.repeat(32);
const keyOf = (id: string, digit = id) => parseLinkKeys(`${id}:${secretOf(digit)}`);
const NOW = Date.parse("2030-01-01T00:00:00Z");
const HOUR_MS = 3_600_000;

const linksWith = (settings: Partial<LinkSettings> = {}, now = NOW) =>
  new SignedLinks(
    {
      keys: keyOf("a"),
      lifetimeMs: HOUR_MS,
      publicUrl: () => "https://studio.example/x",
      cdnUrl: undefined,
      ...settings,
    },
    () => now,
  );

const PATH = "/outputs/b1/c1/%C3%A0%20la%20carte.mp4";
const acme = { tenant: "acme" };
/** As a gateway receives it, behind a proxy that removes the base URL's path. */
const targetOf = (url: string) => url.slice("https://studio.example/x".length);
const denied = expect.objectContaining({ code: "denied" });

describe("SignedLinks", () => {
  it("makes a URL that permits its method and path, as its tenant", () => {
    const url = linksWith().url("GET", PATH, acme);
    expect(url).toMatch(
      /^https:\/\/studio\.example\/x\/outputs\/b1\/c1\/%C3%A0%20la%20carte\.mp4\?key=a&tenant=acme&expires=1893459600&signature=[\w-]{43}$/,
    );
    expect(linksWith().verify("GET", targetOf(url))).toMatchObject(acme);
    expect(linksWith().verify("HEAD", targetOf(url))).toEqual({ ...acme, expiresAtMs: NOW + HOUR_MS });
    expect(linksWith().verify("GET", PATH)).toBeUndefined();
  });

  it("uses the CDN for reading outputs only", () => {
    const links = linksWith({ cdnUrl: "https://cdn.example" });
    expect(links.url("GET", PATH, acme)).toMatch(/^https:\/\/cdn\.example\/outputs/);
    expect(links.url("GET", "/sources/1/content", acme)).toMatch(/^https:\/\/studio\.example/);
    expect(links.url("PUT", "/outputs/b1", acme)).toMatch(/^https:\/\/studio\.example/);
  });

  it("signs the query, too", () => {
    const target = targetOf(linksWith().url("GET", "/batches/b1/outputs.zip?state=failed&choice=a%3Db", acme));
    expect(linksWith().verify("GET", target)).toMatchObject(acme);
    expect(() => linksWith().verify("GET", target.replace("failed", "delivered"))).toThrow(denied);
    expect(() => linksWith().verify("GET", target.replace("state=failed&", ""))).toThrow(denied);
    expect(() => linksWith().verify("GET", `${target}&output=poster`)).toThrow(denied);
  });

  it("does not depend on how a proxy encodes or orders the URL", () => {
    const target = targetOf(linksWith().url("GET", "/outputs/b1/it's%20a!.mp4?x=1&y=2", acme));
    const [, query = ""] = target.split("?");
    const reordered = query.split("&").reverse().join("&");
    expect(linksWith().verify("GET", `/outputs/b1/it%27s%20a%21.mp4?${reordered}`)).toMatchObject(acme);
  });

  it.each([
    ["another path", (target: string) => target.replace("c1", "c2")],
    ["a slash that was none", (target: string) => target.replace("/c1/", "%2Fc1/")],
    ["another tenant", (target: string) => target.replace("tenant=acme", "tenant=globex")],
    ["a later end", (target: string) => target.replace("expires=1", "expires=2")],
    ["another end that is the same number", (target: string) => target.replace("expires=1", "expires=+1")],
    ["another key", (target: string) => target.replace("key=a", "key=b")],
    ["a shorter signature", (target: string) => target.slice(0, -1)],
    ["another last character", (target: string) => target.slice(0, -1) + (target.endsWith("A") ? "B" : "A")],
    ["padding", (target: string) => `${target}=`],
    ["an empty signature", (target: string) => target.replace(/signature=.*/, "signature=")],
    ["a second tenant", (target: string) => `${target}&tenant=globex`],
    ["no key", (target: string) => target.replace("key=a&", "")],
    ["a path that is not UTF-8", (target: string) => target.replace("%C3%A0", "%E0")],
  ])("refuses %s", (_, altered) => {
    expect(() => linksWith().verify("GET", altered(targetOf(linksWith().url("GET", PATH, acme))))).toThrow(denied);
  });

  it("refuses another method", () => {
    const target = targetOf(linksWith().url("GET", PATH, acme));
    for (const method of ["PUT", "DELETE", "POST"]) expect(() => linksWith().verify(method, target)).toThrow(denied);
    const upload = targetOf(linksWith().url("PUT", "/sources", acme));
    expect(linksWith().verify("PUT", upload)).toMatchObject(acme);
    expect(() => linksWith().verify("GET", upload)).toThrow(denied);
  });

  it("expires, and says so only of what was valid", () => {
    const target = targetOf(linksWith().url("GET", PATH, acme));
    expect(linksWith({}, NOW + HOUR_MS - 1).verify("GET", target)).toMatchObject(acme);
    const later = linksWith({}, NOW + HOUR_MS);
    expect(() => later.verify("GET", target)).toThrow("expired at 2030-01-01T01:00:00.000Z");
    expect(() => later.verify("GET", target.replace("c1", "c2"))).toThrow("is not valid");
  });

  it("has a lifetime of at most seven days", () => {
    const links = linksWith();
    const short = targetOf(links.url("GET", PATH, { ...acme, lifetimeMs: 1000 }));
    expect(() => linksWith({}, NOW + 1000).verify("GET", short)).toThrow("expired");
    const long = targetOf(links.url("GET", PATH, { ...acme, lifetimeMs: MAX_LINK_LIFETIME_MS }));
    expect(linksWith({}, NOW + MAX_LINK_LIFETIME_MS - 1).verify("GET", long)).toMatchObject(acme);
    for (const lifetimeMs of [0, -1, 999, MAX_LINK_LIFETIME_MS + 1, Number.NaN]) {
      expect(() => links.url("GET", PATH, { ...acme, lifetimeMs })).toThrow("seven days");
    }
  });

  it("verifies the links of earlier keys while they are configured", () => {
    const [a, b] = [keyOf("a"), keyOf("b")];
    const old = targetOf(linksWith({ keys: a }).url("GET", PATH, acme));
    const both = linksWith({ keys: [...b, ...a] });
    expect(both.verify("GET", old)).toMatchObject(acme);
    expect(both.url("GET", PATH, acme)).toContain("?key=b&");
    expect(() => linksWith({ keys: b }).verify("GET", old)).toThrow(denied);
    expect(() => linksWith({ keys: keyOf("a", "b") }).verify("GET", old)).toThrow(denied);
  });

  it("shows no secret when it is printed", () => {
    const links = linksWith();
    expect(inspect(links, { depth: 20, showHidden: true }) + JSON.stringify(links)).not.toContain(secretOf("a"));
  });
});

describe("parseLinkKeys", () => {
  const secret = secretOf("s");

  it("reads keys, separated by commas or lines", () => {
    expect(parseLinkKeys(`b:${secret}:x, a:${secret}`).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(parseLinkKeys(`# new\nb:${secret}\r\n\n# old\na:${secret}\n`).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(parseLinkKeys(" \n")).toEqual([]);
  });

  it.each([
    [secret, "key 1 is not id:secret"],
    [`:${secret}`, "key 1 is not id:secret"],
    [`a:${secret},b c:${secret}`, "key 2 is not id:secret"],
    [`a:${secret.slice(1)}`, "the secret of key a has 31 bytes, fewer than 32"],
    [`a:${secret},a:${secretOf("t")}`, "two keys have the id a"],
  ])("refuses %s without showing a secret", (text, message) => {
    expect(() => parseLinkKeys(text)).toThrow(message);
    expect(() => parseLinkKeys(text)).not.toThrow("sss");
  });
});
