import { describe, expect, it } from "vitest";
import { ForgedHeaders, readForwarded } from "./forwarded.js";
import { addNetwork, trustedProxies } from "./trusted-proxies.js";

const isTrusted = trustedProxies(["127.0.0.1", "10.1.0.0/16", "2001:db8::/32"]);
const read = (headers: Record<string, string>, peer = "127.0.0.1") => readForwarded(headers, peer, isTrusted);
const client = (headers: Record<string, string>, peer?: string) => read(headers, peer)?.address;

describe("X-Forwarded-For", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["198.51.100.1,203.0.113.9,10.1.2.3,2001:db8::7", "203.0.113.9"],
    ["203.0.113.9:4711", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["[2001:abc::1]:443", "2001:abc::1"],
    ["10.1.2.3, 10.1.2.4", "10.1.2.3"],
    ["203.0.113.9, unknown", "127.0.0.1"],
    ["203.0.113.9, unknown, 10.1.2.3", "10.1.2.3"],
    ["203.0.113.9, 0x7f.1", "127.0.0.1"],
    [" , ", undefined],
  ])("%j comes from %s", (header, address) => {
    expect(client({ "x-forwarded-for": header })).toBe(address);
  });

  it("is not read from others", () => {
    const headers = { "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https", forwarded: '"' };
    for (const peer of ["203.0.113.9", "10.2.0.1", "", "2001:db9::1"]) expect(read(headers, peer)).toBeUndefined();
  });
});

describe("Forwarded", () => {
  it.each([
    ["for=203.0.113.9", "203.0.113.9"],
    ["for=198.51.100.1, for=203.0.113.9", "203.0.113.9"],
    ['for=203.0.113.9, For="[2001:db8::7]:80"', "203.0.113.9"],
    ["for=_hidden, for=10.1.2.3", "10.1.2.3"],
    ["proto=https", "127.0.0.1"],
  ])("%j comes from %s", (forwarded, address) => {
    expect(client({ forwarded })).toBe(address);
  });

  it("states scheme and host at the first trusted proxy", () => {
    const forwarded = 'for=203.0.113.9;proto=https;host="studio.example:8443", for=10.1.2.3;proto=http;host=inner';
    expect(read({ forwarded })).toEqual({ address: "203.0.113.9", scheme: "https", host: "studio.example:8443" });
  });

  it.each([
    'for=192.0.2.1;x=", for="[2001:abc::1]"',
    'for="192.0.2.1, for=203.0.113.9',
    "for=192.0.2.1 203.0.113.9",
    "203.0.113.9",
  ])("is refused if malformed, since a client may have left a quote open: %s", (forwarded) => {
    expect(() => read({ forwarded })).toThrow(ForgedHeaders);
  });

  it("has to agree with X-Forwarded-For: a proxy writes one of them only", () => {
    const agreed = { "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" };
    expect(client(agreed)).toBe("203.0.113.9");
    expect(() => read({ ...agreed, forwarded: "for=192.0.2.1" })).toThrow(ForgedHeaders);
    expect(() => read({ ...agreed, "x-forwarded-for": "192.0.2.1" })).toThrow(ForgedHeaders);
  });
});

it("takes scheme and host from the nearest proxy, and nothing else for them", () => {
  const read1 = (proto: string) => read({ "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": proto })?.scheme;
  expect([read1("https"), read1("HTTPS"), read1("http, https"), read1("javascript")]).toEqual([
    ...["https", "https", "https"],
    undefined,
  ]);
});

it.each([
  ["10.0.0.7", true],
  ["10.1.0.0/16", true],
  ["fd00::/8", true],
  ["10.0.0.0/33", false],
  ["10.0.0.0/", false],
  ["10.0/16", false],
  ["proxy.example", false],
  ["fe80::1%eth0", false],
])("%s is an address or a network: %s", (entry, is) => {
  expect(addNetwork(entry)).toBe(is);
});
