import { describe, expect, it } from "vitest";
import { SharedWork } from "./shared-work.js";

const never = new AbortController().signal;

describe("SharedWork", () => {
  it("does work once for all that want it", async () => {
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

  it("continues for registered wishes that have not joined yet", async () => {
    const shared = new SharedWork<string>();
    const first = new AbortController();
    let finish = (_: string) => {};
    const work = () => new Promise<string>((resolve) => (finish = resolve));
    await using _wish = shared.want("k"); // Before it starts.
    const doing = shared.do("k", first.signal, work);
    first.abort("first left");
    await expect(doing).rejects.toBe("first left");
    const joined = shared.join("k", never);
    finish("done");
    expect(await joined).toBe("done");
  });

  it("has ended abandoned work when the last wish is disposed of", async () => {
    const shared = new SharedWork<string>();
    const first = new AbortController();
    let ended = false;
    const work = (signal: AbortSignal) =>
      new Promise<string>((_, reject) => {
        signal.addEventListener("abort", () => {
          setTimeout(() => {
            ended = true;
            reject(signal.reason);
          }, 20);
        });
      });
    const wish = shared.want("k");
    const doing = shared.do("k", first.signal, work);
    first.abort("first left");
    await expect(doing).rejects.toBe("first left");
    expect(ended).toBe(false);
    await wish[Symbol.asyncDispose]();
    expect(ended).toBe(true);
    expect(shared.join("k", never)).toBeUndefined();
  });

  it("reports progress to all wishes, and at once to later ones", async () => {
    const shared = new SharedWork<void>();
    const reported: string[] = [];
    let report = (_: number) => {};
    let finish = () => {};
    const work = (_: AbortSignal, onProgress: (fraction: number) => void) => {
      report = onProgress;
      return new Promise<void>((resolve) => (finish = resolve));
    };
    await using _first = shared.want("k", (fraction) => reported.push(`first ${fraction}`));
    const doing = shared.do("k", never, work);
    report(0.1);
    await using _second = shared.want("k", (fraction) => reported.push(`second ${fraction}`));
    await shared.want("k", (fraction) => reported.push(`third ${fraction}`))[Symbol.asyncDispose]();
    report(0.5);
    expect(reported).toEqual(["first 0.1", "second 0.1", "third 0.1", "first 0.5", "second 0.5"]);
    finish();
    await doing;
    report(0.9); // Nothing is reported after the end.
    expect(reported).toHaveLength(5);
  });

  it("rejects for all, and starts again next time", async () => {
    const shared = new SharedWork<number>();
    const fail = () => Promise.reject(new Error("no"));
    const both = await Promise.allSettled([shared.do("k", never, fail), shared.do("k", never, fail)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await shared.do("k", never, async () => 7)).toBe(7);
  });
});
