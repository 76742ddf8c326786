import { describe, expect, it } from "vitest";
import { FairSlots } from "./fair-slots.js";

const never = () => new AbortController().signal;

describe("FairSlots", () => {
  it("alternates between keys, however many of one wait", async () => {
    const slots = new FairSlots(1);
    const order: string[] = [];
    const release = await slots.acquire("a", never());
    const work = ["a1", "a2", "a3", "b1", "b2"].map(async (name) => {
      const done = await slots.acquire(name[0] ?? "", never());
      order.push(name);
      done();
    });
    release();
    await Promise.all(work);
    expect(order).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  it("grants no more than its slots, and releases each once", async () => {
    const slots = new FairSlots(2);
    const first = await slots.acquire("a", never());
    await slots.acquire("a", never());
    let third = false;
    void slots.acquire("a", never()).then(() => {
      third = true;
    });
    await Promise.resolve();
    expect(third).toBe(false);
    first();
    first();
    await new Promise(setImmediate);
    expect(third).toBe(true);
    const timeout = AbortSignal.timeout(20);
    await expect(slots.acquire("b", timeout)).rejects.toThrow();
  });

  it("skips a waiter whose signal aborted", async () => {
    const slots = new FairSlots(1);
    const release = await slots.acquire("a", never());
    const gone = new AbortController();
    const left = slots.acquire("b", gone.signal);
    gone.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    release();
    await expect(slots.acquire("c", never())).resolves.toBeTypeOf("function");
  });

  it("gives turns by weight, without starving any key", async () => {
    const slots = new FairSlots(1);
    const weights: Record<string, number> = { high: 4, low: 1 };
    const order: string[] = [];
    const release = await slots.acquire("high", never());
    const work = ["high", "low"].flatMap((key) =>
      Array.from({ length: 20 }, async () => {
        const done = await slots.acquire(key, never(), weights[key]);
        order.push(key);
        done();
      }),
    );
    release();
    await Promise.all(work);
    const first = order.slice(0, 20);
    expect(first.filter((key) => key === "high")).toHaveLength(16);
    expect(first.slice(0, 5)).toContain("low");
  });

  it("serves a late key without making it catch up", async () => {
    const slots = new FairSlots(1);
    const order: string[] = [];
    const take = async (key: string) => {
      const done = await slots.acquire(key, never());
      order.push(key);
      await Promise.resolve();
      done();
    };
    const release = await slots.acquire("old", never());
    const old = Array.from({ length: 6 }, () => take("old"));
    release();
    while (order.length < 3) await Promise.resolve();
    await Promise.all([...old, ...Array.from({ length: 3 }, () => take("new"))]);
    expect(order.slice(3, 8).filter((key) => key === "new").length).toBeGreaterThanOrEqual(2);
    expect(order.slice(3, 8).filter((key) => key === "old").length).toBeGreaterThanOrEqual(2);
  });
});
