import { expect, it } from "vitest";
import { overlayGroups } from "./overlay-groups.js";

const box = (x: number, y: number, width = 10, height = 10) => ({ x, y, width, height });

it("groups only overlays that touch", () => {
  expect(overlayGroups([box(0, 0), box(100, 0), box(5, 5), box(10, 0)])).toEqual([
    { members: [0, 2, 3], box: { x: 0, y: 0, width: 20, height: 15 } },
    { members: [1], box: box(100, 0) },
  ]);
});

it("merges groups that grow into each other", () => {
  const bridge = box(8, 0, 24);
  expect(overlayGroups([box(0, 0), box(30, 0), bridge])).toEqual([
    { members: [0, 1, 2], box: { x: 0, y: 0, width: 40, height: 10 } },
  ]);
  // Only the bounding box of the first two touches the third.
  const corner = box(12, 0, 5, 5);
  expect(overlayGroups([box(0, 0), box(8, 8), corner]).length).toBe(1);
});

it("groups the captions of a long clip quickly", () => {
  const start = performance.now();
  expect(overlayGroups(Array.from({ length: 20_000 }, () => box(0, 0)))[0]?.members).toHaveLength(20_000);
  expect(performance.now() - start).toBeLessThan(2000);
});

it("returns nothing for nothing", () => {
  expect(overlayGroups([])).toEqual([]);
});
