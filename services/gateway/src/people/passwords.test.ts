import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Passwords } from "./passwords.js";

describe("checks of passwords", () => {
  it("cost as much without a user", async () => {
    const passwords = new Passwords();
    const stored = await passwords.hash("several words of mine");
    const timed = async (hash: string | undefined): Promise<number> => {
      const began = performance.now();
      expect(await passwords.verify(hash, "wrong")).toBe(false);
      return performance.now() - began;
    };
    const ratios: number[] = [];
    for (let i = 0; i < 15; i++) ratios.push((await timed(stored)) / (await timed(undefined)));
    // Pairs suffer alike from what else the machine does.
    const median = ratios.sort((a, b) => a - b)[7] ?? 0;
    expect(median).toBeGreaterThan(0.5);
    expect(median).toBeLessThan(2);
  });

  it("run a few at a time: a flood is refused in part, and files are read meanwhile", async () => {
    const passwords = new Passwords();
    let checked = 0;
    const one = () => passwords.verify(undefined, "wrong").finally(() => checked++);
    const flood = Promise.allSettled(Array.from({ length: 100 }, one));
    await new Promise(setImmediate);
    await readFile(new URL(import.meta.url));
    expect(checked).toBeLessThan(100);
    const refused = (await flood).filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(30);
    expect(refused[0]).toMatchObject({ reason: { code: "exhausted" } });
  });
});
