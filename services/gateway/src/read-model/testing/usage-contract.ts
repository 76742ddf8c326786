import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ApprovalDecision, BatchUseSchema, type FactName, type facts } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { beforeEach, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../../call/call.js";
import { NOTHING } from "../../usage/usage-tally.js";
import type { ProjectionStore } from "../projection-store.js";
import { combination, ended, factMessage } from "./fact-messages.js";

let streams = 0;

/** What a tenant used is counted once, and stays. */
export function describeUsage(store: () => ProjectionStore): void {
  describe("what tenants used", () => describeCounts(store));
}

function describeCounts(store: () => ProjectionStore): void {
  let tenant: string;
  let sequence: number;
  let stream: string;
  beforeEach(async () => {
    tenant = `tenant-${++streams}`;
    stream = `usage ${streams}`;
    sequence = 0;
    await store().begin({ created: stream, last: 1000 });
  });

  /** A fact at the next position, at a moment. */
  function fact<N extends FactName>(
    name: N,
    init: MessageInitShape<(typeof facts)[N]>,
    at = "2026-11-30T12:00:00Z",
    batchId = "b1",
  ): FactMessage {
    const time = new Date(at);
    const needsTime = name === "batch.submitted" || name === "batch.resumed";
    const body = { batchId, ...init, ...(needsTime && { time: timestampFromDate(time) }) };
    return { ...factMessage(name, body as typeof init, ++sequence, batchId), time };
  }
  const submit = (combinations: number, at?: string, batchId = "b1") =>
    fact("batch.submitted", { tenant, combinations: BigInt(combinations) } as never, at, batchId);
  const deliver = (ordinal: number, attempt = 1, at?: string) =>
    fact(
      "combination.delivered",
      { ...ended(ordinal, attempt), path: `${ordinal}.mp4`, certificate: { sizeBytes: 100n } } as never,
      at,
    );
  const fail = (ordinal: number, attempt = 1, at?: string) =>
    fact("combination.failed", ended(ordinal, attempt) as never, at);
  const plan = (ordinal: number, attempt = 1, at?: string) =>
    fact("combination.planned", combination(ordinal, attempt) as never, at);
  const used = async (from = "2026-11-01", to = "2026-11-31") =>
    (await store().usage({ scope: { tenant }, from, to })).get(tenant) ?? NOTHING;
  const first = () => [
    submit(4),
    ...[0, 1, 2].map((ordinal) => plan(ordinal)),
    fact("clip.ready", { attempt: 1, hash: "k0", encodeSeconds: 2.5 } as never),
    fact("clip.ready", { attempt: 1, hash: "k1", reused: true } as never),
    fact("voice.ready", { attempt: 1, hash: "v", encodeSeconds: 9 } as never),
    ...[deliver(0), deliver(1), fail(2)],
  ];
  const FIRST = { batches: 1, combinations: 3, delivered: 2, failed: 1, deliveredBytes: 200, encodeSeconds: 2.5 };

  it("counts what was made and delivered, and gives back what failed", async () => {
    await store().take(first(), 0);
    expect(await used()).toEqual(FIRST);
    expect((await store().usage({ scope: ALL_TENANTS, from: "2026-11-01", to: "2026-11-31" })).get(tenant)).toEqual(
      FIRST,
    );
    expect(await used("2026-12-01", "2026-12-31")).toEqual(NOTHING);
  });

  it("counts nothing twice that is taken or published twice", async () => {
    const facts = first();
    await store().take(facts, 0);
    await store().take(facts, 0);
    await store().take([deliver(0), fail(2), deliver(1)], facts.length);
    expect(await used()).toEqual(FIRST);
  });

  it("keeps it when the read model is rebuilt, and goes on", async () => {
    const facts = first();
    await store().take(facts, 0);
    await store().forget();
    expect(await store().begin({ created: stream, last: 1000 })).toBe(0);
    const more = submit(5, undefined, "b2");
    await store().take([...facts, more], 0);
    expect(await used()).toEqual({ ...FIRST, batches: 2, combinations: 8 });
  });

  it("keeps it when the batch is deleted, even in one go, and when another stream begins", async () => {
    const facts = [
      ...first(),
      ...[fact("batch.deleting", {}), fact("batch.deleted", { tenant } as never)],
      ...[submit(1), deliver(0)],
    ];
    await store().take(facts, 0);
    expect(await used()).toEqual({ ...FIRST, batches: 2, combinations: 4, delivered: 3, deliveredBytes: 300 });
    await store().begin({ created: `${stream} again`, last: 1000 });
    sequence = 0;
    await store().take([submit(2)], 0);
    expect(await used()).toMatchObject({ batches: 3, combinations: 6 });
  });

  it("counts a run's combinations on its day, and gives back on that day", async () => {
    await store().take(first(), 0);
    const later = "2026-12-01T00:00:00Z";
    const run = [
      fact("batch.resumed", { run: 2, attempt: 2, combinations: 2n } as never, later),
      ...[plan(1, 2, later), plan(2, 2, later), deliver(1, 2, later), fail(2, 2, "2026-12-02T00:00:00Z")],
    ];
    await store().take(run, sequence - run.length);
    expect(await used()).toEqual(FIRST);
    expect(await used("2026-12-01", "2026-12-01")).toMatchObject({
      combinations: 1,
      delivered: 1,
      deliveredBytes: 100,
    });
    expect(await used("2026-12-02", "2026-12-02")).toMatchObject({ combinations: 0, failed: 1 });
  });

  it("knows what batches have reserved, and have used of it, until they end", async () => {
    const reserved = (encodeSeconds: number, deliveredBytes: bigint) => ({
      reserved: create(BatchUseSchema, { storedBytes: 7n, deliveredBytes, speechCharacters: 5n, encodeSeconds }),
    });
    const known = async (since = "2026-11-30T00:00:00Z") =>
      (await store().reservations(tenant, new Date(since))).map(({ batchId, upTo, spent, endedAt }) => ({
        ...{ batchId, upTo: [upTo.encodeSeconds, upTo.deliveredBytes], spent, isEnded: endedAt !== undefined },
      }));
    const facts = first();
    const [submitted, ...others] = facts;
    Object.assign(submitted?.fact ?? {}, reserved(10, 400n));
    const without = submit(1, undefined, "b2");
    await store().take([...(submitted ? [submitted] : []), ...others, without], 0);
    const spent = { deliveredBytes: 200, encodeSeconds: 2.5 };
    expect(await known()).toEqual([{ batchId: "b1", upTo: [10, 400], spent, isEnded: false }]);
    expect((await store().batch("b1", { tenant }))?.spent).toEqual(spent);
    expect(await store().reservations("another", new Date(0))).toEqual([]);

    const end = fact("batch.finished", { run: 1 } as never);
    await store().take([end], end.sequence - 1);
    expect(await known()).toMatchObject([{ upTo: [10, 400], isEnded: true }]);
    expect(await known("2026-11-30T12:00:00Z")).toEqual([]);
    // A decision states no reservation: the former one does not hold again.
    const decided = fact("batch.resumed", { run: 2, attempt: 2, combinations: 1n } as never);
    await store().take([decided], decided.sequence - 1);
    expect(await known("2026-11-30T12:00:00Z")).toEqual([]);
    const resumed = fact("batch.resumed", { run: 3, attempt: 3, combinations: 1n, ...reserved(20, 900n) } as never);
    await store().take([resumed, deliver(2, 3)], resumed.sequence - 1);
    expect(await known("2026-11-30T12:00:00Z")).toEqual([
      { batchId: "b1", upTo: [20, 900], spent: { deliveredBytes: 300, encodeSeconds: 2.5 }, isEnded: false },
    ]);
  });

  it("does not count decisions, and gives back what a cancellation stops", async () => {
    const rework = { decision: ApprovalDecision.APPROVED };
    const facts = [
      ...[submit(10), plan(0), plan(1), deliver(0)],
      fact("batch.resumed", { run: 2, attempt: 2, combinations: 3n, rework } as never),
      fact("batch.cancelled", {}),
      fact("batch.cancelled", {}),
    ];
    await store().take(facts, 0);
    expect(await used()).toMatchObject({ combinations: 1, delivered: 1 });
    // What was on its way still arrives.
    await store().take([deliver(1)], facts.length);
    expect(await used()).toMatchObject({ combinations: 2, delivered: 2 });
  });
}
