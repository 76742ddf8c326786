import { describe, expect, it } from "vitest";
import { admissionOf } from "./admission.js";

describe("admissionOf", () => {
  it("admits only public addresses by default", () => {
    const { admits } = admissionOf("");
    expect(admits("a.example", "8.8.8.8")).toBe(true);
    expect(admits("a.example", "10.0.0.1")).toBe(false);
    expect(admits("a.example", "fe80::1%eth0")).toBe(false);
    expect(admits("a.example", "nonsense")).toBe(false);
  });

  it.each([
    ["10.1.0.0/16", "x", "10.1.2.3", true],
    ["10.1.0.0/16", "x", "10.2.0.1", false],
    ["10.1.2.3", "x", "10.1.2.3", true],
    ["10.1.2.3", "x", "10.1.2.4", false],
    ["fd00::/8", "x", "fd12::1", true],
    ["fd00::/8", "x", "10.1.2.3", false],
    ["fe80::/10", "x", "fe80::1%eth0", true],
    ["127.0.0.0/8", "x", "::ffff:127.0.0.1", true],
    ["0.0.0.0/0", "x", "169.254.169.254", true],
    [" Media.Inner , 10.0.0.0/8", "media.inner", "192.168.0.1", true],
    ["media.inner", "MEDIA.inner.", "127.0.0.1", true],
    ["media.inner", "other.media.inner", "127.0.0.1", false],
    ["media.inner", "media.inner.example", "127.0.0.1", false],
  ])("%j: %s at %s is admitted: %s", (allowed, host, address, admitted) => {
    expect(admissionOf(allowed).admits(host, address)).toBe(admitted);
  });

  it.each([
    "10.1.0.0/33",
    "10.1",
    "300.1.1.1",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "fd00::/129",
    "*.inner",
    "a b",
    "http://a",
    "a:80",
  ])("refuses %j, and names the variable", (entry) => {
    expect(() => admissionOf(`127.0.0.1,${entry}`)).toThrow(/POLYREEL_FETCH_ALLOW/);
  });
});
