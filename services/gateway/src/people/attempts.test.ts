import { describe, expect, it } from "vitest";
import { Attempts } from "./attempts.js";

/** Attempts at a clock that is set. */
function clocked() {
  const clock = { ms: 0 };
  const attempts = new Attempts(() => clock.ms);
  /** Seconds to wait; 0 if the attempt began. */
  const fail = (account: string, address: string): number => {
    try {
      attempts.begin(account, address);
      return 0;
    } catch (error) {
      expect(error).toMatchObject({ code: "exhausted" });
      return Number(/in (\d+) s/.exec((error as { failure: { remedy: string } }).failure.remedy)?.[1]);
    }
  };
  return { clock, attempts, fail };
}

describe("attempts to sign in", () => {
  it("wait longer with each failure, to a quarter of an hour", () => {
    const { clock, fail } = clocked();
    const free = Array.from({ length: 5 }, () => fail("jane", "192.0.2.1"));
    expect(free).toEqual([0, 0, 0, 0, 0]);
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const wait = fail("jane", "192.0.2.1");
      waits.push(wait);
      clock.ms += wait * 1000;
      expect(fail("jane", "192.0.2.1")).toBe(0);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it("of an account's owner go on elsewhere while one address guesses", () => {
    const { fail } = clocked();
    for (let i = 0; i < 20; i++) fail("jane", "192.0.2.1");
    expect([fail("jane", "192.0.2.1") > 0, fail("jane", "192.0.2.2")]).toEqual([true, 0]);
  });

  it("are slowed for an address that tries many accounts, and an account that many addresses try", () => {
    const { fail } = clocked();
    const accounts = Array.from({ length: 60 }, (_, i) => fail(`user${i}`, "192.0.2.1"));
    expect([accounts.filter((wait) => wait === 0).length, accounts.at(-1)]).toEqual([50, 2]);
    const addresses = Array.from({ length: 120 }, (_, i) => fail("jane", `198.51.100.${i}`));
    expect([addresses.filter((wait) => wait === 0).length, addresses.at(-1)]).toEqual([100, 2]);
  });

  it("count addresses of one IPv6 network as one", () => {
    const { fail } = clocked();
    for (let i = 0; i < 5; i++) fail("jane", `2001:db8::${i}`);
    expect(fail("jane", "2001:db8::ffff")).toBeGreaterThan(0);
  });

  it("at the same time do not pass together", () => {
    const { fail } = clocked();
    const all = Array.from({ length: 100 }, () => fail("jane", "192.0.2.1"));
    expect(all.filter((wait) => wait === 0)).toHaveLength(5);
  });

  it("start afresh after a success, which does not clear the address", () => {
    const { attempts, fail } = clocked();
    for (let i = 0; i < 4; i++) fail("jane", "192.0.2.1");
    attempts.begin("jane", "192.0.2.1").succeeded();
    expect(Array.from({ length: 5 }, () => fail("jane", "192.0.2.1"))).toEqual([0, 0, 0, 0, 0]);
    for (let i = 0; i < 41; i++) fail(`user${i}`, "192.0.2.1");
    expect(fail("another", "192.0.2.1")).toBeGreaterThan(0);
  });
});
