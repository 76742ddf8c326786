import { expect, it } from "vitest";
import { PublishedDocument } from "./published-document.js";

/** A document whose fetches are counted, and fail while `isAway`. */
function published() {
  const state = { nowMs: 0, fetches: 0, isAway: false };
  const fetch = async () => {
    state.fetches++;
    if (state.isAway) throw new Error("away");
    return state.fetches;
  };
  return { state, document: new PublishedDocument(fetch, () => state.nowMs) };
}

it("is fetched once, when it is first needed, and again after ten minutes", async () => {
  const { state, document } = published();
  expect(await Promise.all([document.current(), document.current(), document.current()])).toEqual([1, 1, 1]);
  state.nowMs = 599_999;
  expect(await document.current()).toBe(1);
  state.nowMs = 600_000;
  expect(await document.current()).toBe(2);
});

it("is looked for again at most once in five seconds", async () => {
  const { state, document } = published();
  await document.current();
  for (let i = 0; i < 100; i++) expect(await document.newer()).toBe(1);
  state.nowMs = 5_000;
  expect(await Promise.all([document.newer(), document.newer()])).toEqual([2, 2]);
});

it("is used for a day while its provider is away, but is not taken for the newest", async () => {
  const { state, document } = published();
  await document.current();
  state.isAway = true;
  state.nowMs = 3600_000;
  expect(await document.current()).toBe(1);
  await expect(document.newer()).rejects.toThrow("away");
  state.nowMs = 24 * 3600_000;
  await expect(document.current()).rejects.toThrow("away");
});

it("is not fetched by every caller while its provider is away, and is there soon after it came back", async () => {
  const { state, document } = published();
  state.isAway = true;
  for (let i = 0; i < 100; i++) await expect(document.current()).rejects.toThrow("away");
  expect(state.fetches).toBe(1);
  state.isAway = false;
  state.nowMs = 5_000;
  expect(await document.current()).toBe(2);
});
