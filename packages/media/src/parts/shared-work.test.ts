import { describe, expect, it } from "vitest";
import { SharedWork } from "./shared-work.js";

const never = new AbortController().signal;

describe("SharedWork", () => {
  it("does the same work once for all who want it", async () => {
    const shared = new SharedWork<number>();
    let runs = 0;
    const work = async () => {
      await new Promise(setImmediate);
      return ++runs;
    };
    expect(await Promise.all([shared.do("k", never, work), shared.do("k", never, work)])).toEqual([1, 1]);
    expect(await shared.do("k", never, work)).toBe(2);
  });

  it("stops only when nobody wants it any more", async () => {
    const shared = new SharedWork<string>();
    let stopped: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      stopped = signal;
      return new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const first = new AbortController();
    const second = new AbortController();
    const results = [shared.do("k", first.signal, work), shared.do("k", second.signal, work)].map((p) =>
      p.catch(String),
    );
    first.abort("first left");
    expect(await results[0]).toBe("first left");
    expect(stopped?.aborted).toBe(false);
    second.abort("second left");
    expect(await results[1]).toBe("second left");
    expect(stopped?.aborted).toBe(true);
  });

  it("tells a failure to all, and tries anew next time", async () => {
    const shared = new SharedWork<number>();
    const fail = () => Promise.reject(new Error("no"));
    const both = await Promise.allSettled([shared.do("k", never, fail), shared.do("k", never, fail)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await shared.do("k", never, async () => 7)).toBe(7);
  });
});
