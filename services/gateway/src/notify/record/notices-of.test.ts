import { create } from "@bufbuild/protobuf";
import { BatchSubmittedSchema, type Notify, NotifyEvent, NotifySchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { factMessage } from "../../read-model/testing/fact-messages.js";
import { notifySummaries } from "../receivers.js";
import { newNoticeBook } from "./notice-book.js";
import { isWanted, MAX_SINGLE, noticesOf } from "./notices-of.js";

const { FINISHED, FAILED, DELIVERED } = NotifyEvent;

const webhook = (...on: NotifyEvent[]): Notify =>
  create(NotifySchema, {
    channel: { case: "webhook", value: { url: "https://a.example:8443/hook?key=secret", on, secret: "default" } },
  });
const email = (...on: NotifyEvent[]): Notify =>
  create(NotifySchema, { channel: { case: "email", value: { to: ["ann@B.example", "bob@b.example"], on } } });
const none = create(NotifySchema, { channel: { case: "none", value: true } });

const bookOf = (...notify: Notify[]) =>
  newNoticeBook(
    create(BatchSubmittedSchema, {
      batchId: "b1",
      tenant: "acme",
      name: "spring",
      combinations: 4n,
      notify: notifySummaries(notify),
    }),
    1,
  );

const finished = (fact = {}) => factMessage("batch.finished", { run: 1, delivered: 3n, failed: 1n, ...fact }, 9);
const failed = (n: number, fact = {}) =>
  factMessage("combination.failed", { combinationId: `c${n}`, failure: { reason: "broken" }, ...fact }, 5);
const delivered = (n: number) => factMessage("combination.delivered", { combinationId: `c${n}`, path: "a.mp4" }, 5);

it("describes the end of a batch by its counts, without the key in the address", () => {
  const [notice] = noticesOf(finished(), bookOf(webhook(FINISHED)), []);
  expect(notice).toMatchObject({
    ...{ batchId: "b1", tenant: "acme", type: "batch.finished", channel: "webhook" },
    ...{ shown: "a.example:8443/hook", lane: "a.example:8443 acme" },
  });
  expect(JSON.stringify(notice)).not.toContain("secret");
  expect(JSON.parse(notice?.body ?? "")).toEqual({
    type: "batch.finished",
    timestamp: "1970-01-01T00:00:09.000Z",
    data: {
      ...{ batchId: "b1", tenant: "acme", name: "spring", run: 1, state: "finished" },
      ...{ combinations: 4, delivered: 3, failed: 1, rejected: 0 },
    },
  });
});

it("gives the same id whoever reads a fact, and another one to other events and receivers", () => {
  const ids = (message: Parameters<typeof noticesOf>[0], book = bookOf(webhook(FINISHED, FAILED), email(FINISHED))) =>
    noticesOf(message, book, []).map(({ id }) => id);
  expect(ids(finished())).toEqual(ids({ ...finished(), sequence: 77 }));
  const all = [
    finished(),
    finished({ run: 2 }),
    failed(1),
    failed(2),
    failed(1, { attempt: 2 }),
    failed(1, { deliveries: 2n, deliveryCount: 2 }),
  ];
  const found = all.flatMap((message) => ids(message));
  expect(found).toHaveLength(8);
  expect(new Set(found).size).toBe(8);
  expect(found[0]).toMatch(/^ntf_[0-9a-f]{32}$/);
});

it.each<[string, Notify[], number[]]>([
  ["webhooks for what they ask", [webhook(FINISHED), webhook(FAILED), webhook(DELIVERED)], [1, 1, 1]],
  ["e-mails at the end only", [email(FINISHED)], [1, 0, 0]],
  ["e-mails of failures at an end with failures", [email(FAILED)], [1, 0, 0]],
  ["nobody", [none], [0, 0, 0]],
])("notifies %s", (_, notify, counts) => {
  const events = [finished(), failed(1), delivered(1)];
  expect(events.map((message) => noticesOf(message, bookOf(...notify), []).length)).toEqual(counts);
  expect(events.map((message) => isWanted(message, bookOf(...notify), []))).toEqual(
    events.map(({ name }, i) => (name === "batch.finished" ? notify[0] !== none : (counts[i] ?? 0) > 0)),
  );
});

it("sends no e-mail of failures at an end without any", () => {
  expect(noticesOf(finished({ failed: 0n }), bookOf(email(FAILED)), [])).toEqual([]);
});

it("uses the defaults for batches that name nobody", () => {
  const defaults = [webhook(FINISHED)];
  expect(noticesOf(finished(), bookOf(), defaults)).toHaveLength(1);
  expect(noticesOf(finished(), bookOf(none), defaults)).toEqual([]);
  expect(noticesOf(finished(), bookOf(webhook(FAILED)), defaults)).toEqual([]);
});

it("limits single failures, then sends digests, and begins anew with a run", () => {
  const book = bookOf(webhook(FAILED));
  const types = Array.from({ length: 20_000 }, (_, n) => noticesOf(failed(n), book, [])).flat();
  const digests = types.slice(MAX_SINGLE.failed);
  expect(types.filter(({ type }) => type === "combination.failed")).toHaveLength(MAX_SINGLE.failed);
  expect(digests.map(({ type, body }) => [type, JSON.parse(body).data.count])).toEqual([
    ["combinations.failed", 1000],
    ["combinations.failed", 10_000],
  ]);
  noticesOf(factMessage("batch.resumed", { run: 2 }), book, []);
  expect(noticesOf(failed(1, { attempt: 2 }), book, [])).toHaveLength(1);
});

it("says that a batch was cancelled", () => {
  const book = bookOf(webhook(FINISHED));
  noticesOf(factMessage("batch.cancelled", {}), book, []);
  expect(JSON.parse(noticesOf(finished(), book, [])[0]?.body ?? "").data.state).toBe("cancelled");
});

it("keeps an event below 20 KB, whatever its names", () => {
  const choices = Array.from({ length: 64 }, (_, n) => ({ block: `b${n}`, choice: "x".repeat(1000) }));
  const [notice] = noticesOf(failed(1, { choices }), bookOf(webhook(FAILED)), []);
  expect(notice?.body.length).toBeLessThan(1000);
  expect(JSON.parse(notice?.body ?? "").data.combinationId).toBe("c1");
});
