import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Pipeline } from "./pipeline.js";

describe("Pipeline", () => {
  it("keeps at most its limit in progress, and ends when all have ended", async () => {
    const pipeline = new Pipeline(4);
    let underWay = 0;
    let most = 0;
    let done = 0;
    const work = async () => {
      most = Math.max(most, ++underWay);
      await sleep(1);
      underWay--;
      done++;
    };
    for (let i = 0; i < 50; i++) await pipeline.add(work());
    await pipeline.end();
    expect(most).toBe(4);
    expect(done).toBe(50);
  });

  it("throws the first failure, at the next add or at the end", async () => {
    const failing = new Pipeline(2);
    await failing.add(Promise.reject(new Error("first")));
    await expect(failing.end()).rejects.toThrow("first");

    const waiting = new Pipeline(2);
    await waiting.add(sleep(20));
    await expect(waiting.add(Promise.reject(new Error("second")))).rejects.toThrow("second");
    await expect(waiting.end()).rejects.toThrow("second");
  });
});
