import { setImmediate as soon } from "node:timers/promises";
import { expect, it } from "vitest";
import { inChunks } from "./chunks.js";

async function* numbers(count: number, given: { count: number } = { count: 0 }) {
  for (let i = 0; i < count; i++) {
    given.count++;
    yield i;
  }
}

it("yields everything once, in order, in chunks that grow with the reader's slowness", async () => {
  const chunks: number[][] = [];
  for await (const chunk of inChunks(numbers(100), 30)) {
    chunks.push(chunk);
    for (let i = 0; i < 200; i++) await soon();
  }
  expect(chunks.flat()).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(Math.max(...chunks.map(({ length }) => length))).toBe(30);
  expect(chunks.length).toBeLessThan(7);
});

it("reads at most one chunk ahead", async () => {
  const given = { count: 0 };
  for await (const chunk of inChunks(numbers(1000, given), 10)) {
    for (let i = 0; i < 50; i++) await soon();
    expect(given.count).toBeLessThanOrEqual((chunk.at(-1) ?? 0) + 1 + 11);
    if ((chunk.at(-1) ?? 0) > 100) break;
  }
  expect(given.count).toBeLessThan(200);
});

it("throws the source's error after the preceding items", async () => {
  async function* failing() {
    yield 1;
    throw new Error("away");
  }
  const seen: number[] = [];
  const reading = async () => {
    for await (const chunk of inChunks(failing(), 10)) seen.push(...chunk);
  };
  await expect(reading()).rejects.toThrow("away");
  expect(seen).toEqual([1]);
});
