import { PolyreelError } from "@polyreel/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Destination, Place } from "../destination.js";
import { pieceSource } from "../source.js";

/** A destination under test, and a user's view of and changes to it. Paths are relative to its root. */
export interface OpenedDestination {
  readonly destination: Destination;
  /** Whether a receipt remains after another program has changed its file; true by default. */
  readonly receiptsOutliveChanges?: boolean;
  /** The same destination, opened by another process. */
  another(): Destination;
  read(path: string): Promise<string>;
  /** Creates or changes a file like a user. */
  plant(path: string, text: string): Promise<void>;
  erase(path: string): Promise<void>;
  /** Changes with every write of a file, even of the same bytes. */
  version(path: string): Promise<unknown>;
  /** All files, including receipts and incomplete ones. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

const spring = { tenant: "default", name: "spring" };
const autumn = { tenant: "default", name: "autumn" };
const never = { signal: new AbortController().signal };

/** Tests of every kind of destination. */
export function describeDestination(kind: string, open: () => Promise<OpenedDestination>): void {
  describe(`${kind} as a destination`, () => {
    let opened: OpenedDestination;
    let destination: Destination;
    beforeEach(async () => {
      opened = await open();
      destination = opened.destination;
    });
    afterEach(() => opened.close());

    const place = (other: Partial<Place> = {}): Place => ({
      ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: "sale", fileName: "a.mp4" },
      ...other,
    });
    const put = (text: string, other: Partial<Place> = {}, by = destination) =>
      by.put(
        pieceSource(() => [text]),
        place(other),
        never,
      );
    const visible = async () => (await opened.files()).filter((path) => !path.includes(".polyreel")).sort();
    const dropped = async (batchId: string, owner = spring) => {
      const paths: string[] = [];
      for await (const { path } of destination.dropped("sale", owner, new Set([batchId]))) paths.push(path);
      return paths.sort();
    };

    it.each([
      [".", "a.mp4", "a.mp4"],
      ["sale", "a.mp4", "sale/a.mp4"],
      ["sale/2026", "de/hero/a.mp4", "sale/2026/de/hero/a.mp4"],
    ])("delivers to the folder %j a file with the name %j", async (folder, fileName, path) => {
      expect(await put("one", { folder, fileName })).toMatchObject({ path });
      expect(await opened.read(path)).toBe("one");
      expect(await visible()).toEqual([path]);
      expect(await destination.has(path)).toBe(true);
      expect(await destination.has(`${path}.other`)).toBe(false);
      expect(await destination.exists()).toBe(true);
    });

    it.each(["..", "../up", "a/../..", "/etc", "", "a//b", "a/./b", ".hidden"])(
      "refuses the folder %j",
      async (folder) => {
        await expect(async () => put("x", { folder })).rejects.toMatchObject({ code: "invalid" });
        expect(await opened.files()).toEqual([]);
      },
    );

    it.each(["../a.mp4", "de/../../a.mp4", "/a.mp4", "de//a.mp4", ".hidden/a.mp4", "de\\a.mp4"])(
      "refuses the file name %j",
      async (fileName) => {
        await expect(async () => put("x", { fileName })).rejects.toMatchObject({ code: "invalid" });
        expect(await opened.files()).toEqual([]);
      },
    );

    it("keeps the old file visible until the new one is complete", async () => {
      await put("old");
      async function* slow() {
        yield "new";
        expect(await opened.read("sale/a.mp4")).toBe("old");
        yield "er";
      }
      await destination.put(pieceSource(slow), place(), never);
      expect(await opened.read("sale/a.mp4")).toBe("newer");
    });

    it("leaves nothing behind when the source fails or the delivery is cancelled", async () => {
      const cancel = new AbortController();
      async function* failing() {
        yield "some";
        throw new Error("gone");
      }
      async function* cancelled() {
        yield "some";
        cancel.abort();
        yield "more";
      }
      await expect(destination.put(pieceSource(failing), place(), never)).rejects.toThrow("gone");
      const putting = destination.put(pieceSource(cancelled), place(), { signal: cancel.signal });
      await expect(putting).rejects.toMatchObject({ name: "AbortError" });
      expect(await opened.files()).toEqual([]);
    });

    it("leaves nothing behind when the fence refuses, before or right after the file is visible", async () => {
      const refused = () => Promise.reject(new PolyreelError("not_found", "deleted"));
      for (const allowed of [0, 1, 2]) {
        let passes = 0;
        const fence = () => (++passes > allowed ? refused() : Promise.resolve());
        const putting = destination.put(
          pieceSource(() => ["x"]),
          place(),
          { ...never, fence },
        );
        await expect(putting).rejects.toThrow("deleted");
        expect(await opened.files()).toEqual([]);
      }
    });

    it("delivers a file once from concurrent uploaders", async () => {
      const uploaders = [destination, opened.another(), opened.another(), opened.another()];
      await Promise.all(uploaders.map((uploader) => put("one", {}, uploader)));
      const version = await opened.version("sale/a.mp4");
      await put("one", {}, opened.another());
      expect(await opened.version("sale/a.mp4")).toEqual(version);
      expect(await visible()).toEqual(["sale/a.mp4"]);
    });

    it("keeps identical files and replaces different ones in a later batch with the same name", async () => {
      await put("one");
      await put("two", { fileName: "b.mp4" });
      const before = [await opened.version("sale/a.mp4"), await opened.version("sale/b.mp4")];
      await put("one", { batchId: "b2" });
      await put("other", { batchId: "b2", fileName: "b.mp4" });
      expect(await opened.version("sale/a.mp4")).toEqual(before[0]);
      expect(await opened.version("sale/b.mp4")).not.toEqual(before[1]);
      expect(await opened.read("sale/b.mp4")).toBe("other");
    });

    it.each<[string, () => Promise<unknown>]>([
      ["a user created", () => opened.plant("sale/a.mp4", "precious")],
      ["another batch delivered", () => put("precious", { owner: autumn, batchId: "b0" })],
      [
        "a user changed after an earlier batch with the name",
        async () => {
          await put("x", { batchId: "b0" });
          await opened.plant("sale/a.mp4", "precious");
        },
      ],
    ])("neither replaces nor removes a file that %s, without overwrite", async (_title, prepare) => {
      await prepare();
      const before = await opened.version("sale/a.mp4");
      await expect(put("mine")).rejects.toMatchObject({
        code: "conflict",
        failure: { reason: expect.stringContaining("a.mp4"), remedy: expect.stringContaining("--overwrite") },
      });
      expect(await destination.remove("sale/a.mp4", "b1")).not.toBe("removed");
      expect([await opened.version("sale/a.mp4"), await opened.read("sale/a.mp4")]).toEqual([before, "precious"]);
      expect(await visible()).toEqual(["sale/a.mp4"]);
      await put("mine", { overwrite: true });
      expect(await opened.read("sale/a.mp4")).toBe("mine");
      await put("mine too", { batchId: "b2" }); // It belongs to spring now.
    });

    it("never replaces a foreign file that appears during the delivery", async () => {
      async function* intruder() {
        yield "mine";
        await opened.plant("sale/a.mp4", "precious");
      }
      await put("other", { fileName: "b.mp4" }); // Creates the folder.
      await expect(destination.put(pieceSource(intruder), place(), never)).rejects.toMatchObject({ code: "conflict" });
      // Nor in the next attempt, which finds leftovers of this one.
      await expect(put("mine", { attempt: 2 })).rejects.toMatchObject({ code: "conflict" });
      expect(await opened.read("sale/a.mp4")).toBe("precious");
    });

    it("replaces a changed file in a later attempt of the batch that delivered it, if its receipt remains", async () => {
      await put("one");
      await opened.plant("sale/a.mp4", "overwritten by a user");
      const again = put("one", { attempt: 2 });
      if (opened.receiptsOutliveChanges ?? true) await again;
      else {
        await expect(again).rejects.toMatchObject({ code: "conflict" });
        expect(await opened.read("sale/a.mp4")).toBe("overwritten by a user");
        await put("one", { attempt: 2, overwrite: true });
      }
      expect(await opened.read("sale/a.mp4")).toBe("one");
    });

    it("lists foreign files before a delivery, and none in an empty folder", async () => {
      const { fileName: _, ...where } = place();
      expect(await destination.foreign(where, ["a.mp4"])).toBeUndefined();
      await put("x", { owner: autumn });
      await put("x", { fileName: "b.mp4", batchId: "b0" });
      await put("x", { owner: autumn, fileName: "de/c.mp4" });
      await opened.plant("sale/d.mp4", "precious");
      const names = ["a.mp4", "b.mp4", "de/c.mp4", "de/new.mp4", "d.mp4", "new.mp4"];
      expect(await destination.foreign(where, names)).toEqual([
        { name: "a.mp4", batch: "autumn" },
        { name: "de/c.mp4", batch: "autumn" },
        { name: "d.mp4", batch: "" },
      ]);
    });

    it("lists files left by earlier batches with the name, also in subfolders, and removes only unchanged ones", async () => {
      const names = ["a.mp4", "de/b.mp4", "c.mp4", "d.mp4"];
      for (const fileName of names) await put(fileName, { batchId: "b0", fileName });
      await put("x", { owner: autumn, fileName: "e.mp4" });
      await put("a.mp4"); // Unchanged: belongs to the new batch, too.
      await opened.plant("sale/c.mp4", "edited");
      await opened.erase("sale/d.mp4");
      expect(await dropped("b1")).toEqual(["sale/de/b.mp4"]);
      expect(await destination.remove("sale/de/b.mp4", "b0")).toBe("removed");
      expect(await destination.remove("sale/a.mp4", "b0")).toBe("others");
      expect(await destination.remove("sale/c.mp4", "b0")).toBe("changed");
      expect(await destination.remove("sale/d.mp4", "b0")).toBe("gone");
      expect(await visible()).toEqual(["sale/a.mp4", "sale/c.mp4", "sale/e.mp4"]);
      expect(await dropped("b1")).toEqual([]);
    });

    it("removes all files of a batch except changed, kept and other batches' ones", async () => {
      for (const fileName of ["a.mp4", "b.mp4", "kept.mp4", "de/c.mp4"]) await put(fileName, { fileName });
      await put("later", { batchId: "b2", fileName: "later.mp4" });
      await put("x", { owner: autumn, batchId: "b3", fileName: "de/d.mp4" });
      await opened.plant("sale/b.mp4", "changed");
      const kept = new Set(["sale/kept.mp4"]);
      await destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, kept);
      await destination.removeRest("sale", ["manifest.jsonl"], "b1");
      expect(await visible()).toEqual(["sale/b.mp4", "sale/de/d.mp4", "sale/kept.mp4", "sale/later.mp4"]);
      expect(await opened.read("sale/b.mp4")).toBe("changed");
    });

    it("leaves nothing of a completely deleted batch", async () => {
      await put("one");
      await put("listed", { attempt: 0, fileName: "manifest.jsonl" });
      await put("two", { fileName: "de/b.mp4" });
      await destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set(["sale/manifest.jsonl"]));
      await destination.removeRest("sale", ["manifest.jsonl"], "b1");
      expect(await opened.files()).toEqual([]);
    });

    it("isolates tenants", async () => {
      const acme = { tenant: "acme", name: "spring" };
      await put("theirs", { owner: acme, folder: "tenants/acme/spring" });
      for (const [owner, folder] of [
        [spring, "tenants/acme/spring"],
        [spring, "Tenants/acme"],
        [acme, "spring"],
        [acme, "tenants/acmeother"],
        [{ tenant: "other", name: "spring" }, "tenants/acme/spring"],
      ] as const) {
        await expect(put("mine", { owner, folder, overwrite: true })).rejects.toMatchObject({ code: "invalid" });
      }
      expect(await opened.read("tenants/acme/spring/a.mp4")).toBe("theirs");
    });
  });
}
