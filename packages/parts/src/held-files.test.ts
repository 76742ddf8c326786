import type { LocalFiles } from "@polyreel/platform/blobs";
import { expect, it } from "vitest";
import { HeldFiles } from "./held-files.js";

/** Counts how often each key is opened, and which are open. */
function counting() {
  const opened: string[] = [];
  const open: string[] = [];
  const files: LocalFiles = {
    async open(key) {
      if (key === "missing") throw new Error("missing");
      opened.push(key);
      open.push(key);
      const close = async () => void open.splice(open.indexOf(key), 1);
      return { path: `/${key}`, [Symbol.asyncDispose]: close };
    },
  };
  return { opened, open, held: new HeldFiles(files) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const asIs = async (path: string) => path;

it("opens a file once for many uses, also at the same time", async () => {
  const { opened, open, held } = counting();
  const paths = await Promise.all([held.use("a", asIs), held.use("a", asIs), held.use("b", asIs)]);
  expect(paths).toEqual(["/a", "/a", "/b"]);
  await held.use("a", asIs);
  expect([opened, open]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

it("closes the least recently used files, and all when it is cleared", async () => {
  const { open, held } = counting();
  for (let i = 0; i < 20; i++) await held.use(`${i}`, asIs);
  await settled();
  expect(open).toEqual(Array.from({ length: 16 }, (_, i) => `${i + 4}`));
  held.clear();
  await settled();
  expect(open).toEqual([]);
});

it("keeps a forgotten file open for its readers, and reopens it for others", async () => {
  const { opened, open, held } = counting();
  let release = () => {};
  const reading = held.use("a", () => new Promise<void>((resolve) => (release = resolve)));
  await settled();
  held.forget("a");
  await held.use("a", asIs);
  await settled();
  expect([opened, open]).toEqual([
    ["a", "a"],
    ["a", "a"],
  ]);
  release();
  await reading;
  await settled();
  expect(open).toEqual(["a"]);
});

it("does not hold files that could not be opened or read", async () => {
  const { opened, open, held } = counting();
  await expect(held.use("missing", asIs)).rejects.toThrow("missing");
  await expect(held.use("missing", asIs)).rejects.toThrow("missing");
  const failing = () => Promise.reject(new Error("unreadable"));
  await expect(held.use("a", failing)).rejects.toThrow("unreadable");
  await settled();
  expect(open).toEqual([]);
  await held.use("a", asIs);
  expect(opened).toEqual(["a", "a"]);
});
