import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { BatchState, CombinationState } from "@polyreel/contract";
import { stretchHash } from "@polyreel/parts";
import { beforeEach, describe, expect, it } from "vitest";
import { ALL_TENANTS, type Scope } from "../../call/call.js";
import { NEWEST_FIRST as ORDER } from "../batch-order.js";
import { BY_ORDINAL } from "../combination-order.js";
import type { ProjectionStore } from "../projection-store.js";
import { combination, ended, factMessage, submitted } from "./fact-messages.js";
import { history } from "./history.js";

const ALL = {
  ...{ scope: ALL_TENANTS, state: CombinationState.UNSPECIFIED, choices: [] },
  ...{ order: BY_ORDINAL, after: undefined, limit: 100 },
};
const NEWEST_FIRST = { scope: ALL_TENANTS, states: [], order: ORDER, after: undefined, limit: 10 };

/** Contract of projection stores for deleting batches, and for choosing what to remove. `opened`: the current test's store. */
export function describeDeletion(opened: () => ProjectionStore): void {
  describe("deletion", () => {
    let store: ProjectionStore;
    beforeEach(() => {
      store = opened();
    });

    const ids = async (batchId: string) => (await store.combinations(batchId, ALL)).map(({ status }) => status.id);

    it("forgets a deleted batch, and accepts another one with its id", async () => {
      const only = async (...besides: string[]) => {
        const parts: string[] = [];
        for await (const { kind, hash } of store.partsOnlyOf("b1", besides)) parts.push(`${kind} ${hash}`);
        return parts;
      };
      const facts = history();
      await store.take([...facts, factMessage("clip.requested", { hash: "k1" }, 30, "b2")], 0);
      expect((await only()).sort()).toEqual(["clip k0", "clip k1", "voice v1"]); // b2 is another tenant's.
      await store.take(
        [factMessage(...submitted("b3", "acme", 31), 31, "b3"), factMessage("clip.ready", { hash: "k1" }, 32, "b3")],
        30,
      );
      expect((await only()).sort()).toEqual(["clip k0", "voice v1"]);
      expect((await only("b3")).sort()).toEqual(["clip k0", "clip k1", "voice v1"]);

      const again = factMessage(...submitted("b1", "acme", 41), 41);
      await store.take(
        [factMessage("combination.planned", combination(0), 39), factMessage("batch.deleted", {}, 40), again],
        32,
      );
      expect(await ids("b1")).toEqual([]);
      expect(await ids("b2")).toEqual(["c0"]);
      expect((await store.batch("b1", ALL_TENANTS))?.status.combinations).toMatchObject({ planned: 0n, delivered: 0n });
      await store.take([factMessage("batch.deleted", {}, 42)], 41);
      expect(await store.batch("b1", ALL_TENANTS)).toBeUndefined();
      expect((await store.batches(NEWEST_FIRST)).map(({ status }) => status.batchId)).toEqual(["b3", "b2"]);
    });

    it("ignores late facts of a deleted batch, before or after its request is repeated", async () => {
      const late = (sequence: number) => [
        factMessage("batch.planned", { combinations: 9n }, sequence, "b9", 50),
        factMessage("combination.planned", combination(0), sequence + 1, "b9", 50),
        factMessage("combination.failed", { ...ended(0), failure: { reason: "late" } }, sequence + 2, "b9", 50),
        factMessage("batch.deleting", {}, sequence + 3, "b9", 50),
        factMessage("batch.deleted", {}, sequence + 4, "b9", 50),
      ];
      const of = async () => {
        const batch = await store.batch("b9", ALL_TENANTS);
        return batch && [batch.generation, batch.status.state, Number(batch.status.combinations?.total)];
      };
      await store.take([factMessage(...submitted("b9", "acme", 50), 50, "b9", 50)], 0);
      await store.take([factMessage("batch.deleted", {}, 51, "b9", 50)], 50);
      await store.take(late(60), 51);
      expect(await of()).toBeUndefined();
      await store.take([factMessage(...submitted("b9", "acme", 70), 70, "b9", 70), ...late(71)], 64);
      await store.take(late(80), 75);
      expect(await of()).toEqual([70, BatchState.PLANNING, 0]);
      expect(await ids("b9")).toEqual([]);
      // All at once.
      const again = [
        factMessage("batch.deleted", {}, 90, "b9", 70),
        ...late(91),
        factMessage(...submitted("b9", "acme", 96), 96, "b9", 96),
        ...late(97),
        factMessage("combination.planned", combination(1), 102, "b9", 96),
      ];
      await store.take(again, 84);
      expect(await of()).toEqual([96, BatchState.PLANNING, 0]);
      expect(await ids("b9")).toEqual(["c1"]);
    });

    it("keeps a batch visible while it is being deleted, without counting it for the others", async () => {
      await store.take(history(), 0);
      const [, fact] = submitted("b3", "acme", 40);
      const path = { ...ended(0), path: "a.mp4" };
      const facts = [
        factMessage("batch.submitted", { ...fact, continues: "b1" }, 40, "b3"),
        factMessage("clip.requested", { hash: "k1" }, 41, "b3"),
        factMessage("combination.delivered", path, 42, "b3"),
        factMessage("combination.delivered", { ...path, attempt: 2 }, 43),
      ];
      await store.take(facts, history().length);
      const others = async () => {
        const parts: string[] = [];
        for await (const { hash } of store.partsOnlyOf("b1")) parts.push(hash);
        const kept = (await store.keptBatches({ tenant: "acme" })).map(({ batchId }) => batchId).sort();
        return {
          parts: parts.includes("k1"),
          paths: await store.sharedPaths("b1"),
          by: await store.continuing("b1"),
          kept,
        };
      };
      expect(await others()).toEqual({ parts: false, paths: ["a.mp4"], by: ["b3"], kept: ["b1", "b3"] });
      await store.take([factMessage("batch.deleting", {}, 50, "b3")], 43);
      expect(await others()).toEqual({ parts: true, paths: [], by: [], kept: ["b1"] });
      expect((await store.batch("b3", ALL_TENANTS))?.status.state).toBe(BatchState.DELETING);
      const deleting = { ...NEWEST_FIRST, states: [BatchState.DELETING] };
      expect((await store.batches(deleting)).map(({ status }) => status.batchId)).toEqual(["b3"]);
      expect((await store.completed()).map(({ status }) => status.batchId)).not.toContain("b3");
    });

    it("tells when decoded sounds were last used, by the newest request for a soundtrack of each", async () => {
      const encoder = "aac of some build";
      const event = (sha256: string, inputStart = 0n) => ({
        input: { case: "sourceSha256" as const, value: sha256 },
        inputStart,
        samples: 48_000n,
      });
      const requested = (sequence: number, batchId: string, ...events: ReturnType<typeof event>[]) =>
        factMessage(
          "sound.requested",
          { hash: `s${sequence}`, recipe: { case: "sound", value: { encoder, events } } },
          sequence,
          batchId,
        );
      const stretch = { sourceSha256: "music", start: 0n, samples: 2_880_000n, fromFirstPicture: false, track: 0 };
      const music = stretchHash(stretch, encoder);
      const later = stretchHash({ ...stretch, start: 2_880_000n }, encoder);
      const uses = async () =>
        (await store.soundsUsed())
          .map(({ tenant, hash, usedAt }) => [tenant, hash === music ? "music" : hash, usedAt.getTime() / 1000])
          .sort();
      expect(await uses()).toEqual([]);
      await store.take(
        [
          factMessage(...submitted("b1", "acme", 1), 1),
          factMessage(...submitted("b2", "acme", 2), 2, "b2"),
          factMessage(...submitted("b3", "other", 3), 3, "b3"),
          requested(4, "b1", event("music"), event("music")),
          requested(5, "b1", { ...event("music"), inputStart: 100n }, event("music", 2_900_000n)),
          requested(6, "b3", event("music")),
        ],
        0,
      );
      expect(await uses()).toEqual([
        ["acme", later, 5],
        ["acme", "music", 5],
        ["other", "music", 6],
      ]);
      await store.take([requested(7, "b2", event("music"))], 6);
      await store.take([factMessage("sound.ready", { hash: "s7" }, 8, "b2")], 7);
      expect(await uses()).toContainEqual(["acme", "music", 7]);
      await store.take([factMessage("batch.deleted", {}, 9, "b2")], 8);
      expect(await uses()).toContainEqual(["acme", "music", 5]);
      await store.forget();
      expect(await uses()).toEqual([]);
    });

    it("tells which batches ended when, what they continue, and what they have written", async () => {
      const [name, fact] = submitted("b3", "acme", 40);
      const delivered = (ordinal: number, attempt: number, path: string, sizeBytes: bigint, sequence: number) =>
        factMessage(
          "combination.delivered",
          { ...ended(ordinal, attempt), path, certificate: { sizeBytes } },
          sequence,
        );
      const facts = [
        factMessage(name, { ...fact, continues: "b1" }, 40, "b3"),
        factMessage("batch.finished", { time: timestampFromDate(new Date(99_000)) }, 41),
        factMessage("batch.cancelled", {}, 42, "b3"),
        delivered(0, 2, "a.mp4", 9n, 43), // After 7 bytes at the same path.
        delivered(0, 3, "b.mp4", 5n, 44),
      ];
      await store.take(history(), 0);
      await store.take(facts, history().length);
      const byId = async (scope: Scope) =>
        (await store.keptBatches(scope)).sort((a, b) => (a.batchId < b.batchId ? -1 : 1));
      const [b1, b3] = await byId({ tenant: "acme" });
      expect(b1).toEqual({ batchId: "b1", tenant: "acme", name: "of acme", endedAt: new Date(99_000), continues: "" });
      expect(b3).toEqual({ batchId: "b3", tenant: "acme", name: "of acme", endedAt: undefined, continues: "b1" });
      expect((await byId(ALL_TENANTS)).map(({ batchId }) => batchId)).toEqual(["b1", "b2", "b3"]);
      expect([await store.continuing("b1"), await store.continuing("b2"), await store.continuing("")]).toEqual([
        ["b3"],
        [],
        [],
      ]);
      const bytes = await store.deliveredBytes(["b1", "b3", "b9"]);
      expect([bytes.get("b1"), bytes.get("b3") ?? 0, bytes.get("b9") ?? 0]).toEqual([14, 0, 0]);

      expect(await store.sharedPaths("b1")).toEqual([]);
      const elsewhere = ["b.mp4", "z.mp4"].map((path, i) =>
        factMessage("combination.delivered", { ...ended(i), path }, 45 + i, "b2"),
      );
      await store.take(elsewhere, 44);
      expect(await store.sharedPaths("b1")).toEqual(["b.mp4"]);
      expect(await store.sharedPaths("b3")).toEqual([]);

      await store.take([factMessage("batch.resumed", { run: 2 }, 47)], 46);
      expect((await byId({ tenant: "acme" })).map(({ endedAt }) => endedAt)).toEqual([undefined, undefined]);
      await store.take([factMessage("batch.finished", { run: 2, time: timestampFromDate(new Date(100_000)) }, 48)], 47);
      expect((await byId({ tenant: "acme" }))[0]?.endedAt).toEqual(new Date(100_000));
    });
  });
}
