import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { SubmitBatchRequestSchema } from "@polyreel/contract";
import { expect, it, onTestFinished } from "vitest";
import type { RawRequest } from "./check-messages.js";
import { CheckThread } from "./check-thread.js";
import type { ThreadBounds } from "./work-thread.js";

function started(bounds: ThreadBounds): CheckThread {
  const thread = new CheckThread(undefined, bounds);
  onTestFinished(() => thread.close());
  return thread;
}

const request = (texts: number): RawRequest => {
  const choices = Array.from({ length: texts }, () => ({ text: "x" }));
  const blocks = [{ name: "t", kind: { case: "text" as const, value: { choices } } }];
  const message = create(SubmitBatchRequestSchema, { batch: { blocks } });
  const bytes = toBinary(SubmitBatchRequestSchema, message);
  return { method: "SubmitBatch", isJson: false, encoding: undefined, bytes, maxBytes: 10_000_000 };
};
const always = () => true;
const PATIENT = { checkMs: 60_000, heapMb: 512 };

it("ends a check that takes too long, and checks the next request in a new thread", async () => {
  const thread = started({ ...PATIENT, checkMs: 1 });
  const tooLong = { code: Code.ResourceExhausted, rawMessage: expect.stringContaining("too long") };
  await expect(thread.check(request(1), always)).rejects.toMatchObject(tooLong);
  await expect(thread.check(request(1), always)).rejects.toMatchObject(tooLong);
});

it("ends a check that takes too much memory, and checks the next request in a new thread", async () => {
  const thread = started({ ...PATIENT, heapMb: 40 });
  await expect(thread.check(request(300_000), always)).rejects.toMatchObject({
    code: Code.ResourceExhausted,
    rawMessage: expect.stringContaining("too much memory"),
  });
  await expect(thread.check(request(1), always)).rejects.toMatchObject({ code: Code.InvalidArgument });
});

it("skips requests whose callers are gone, and refuses those beyond the queue", async () => {
  const thread = started(PATIENT);
  const checks = Array.from({ length: 33 }, () => thread.check(request(1), () => false));
  const settled = await Promise.allSettled(checks);
  expect(settled.slice(0, 32).map(({ status }) => status)).toEqual(Array(32).fill("fulfilled"));
  expect(settled[32]).toMatchObject({ reason: { code: Code.ResourceExhausted } });
});

it("answers pending requests when it is closed", async () => {
  const thread = started(PATIENT);
  const checks = Promise.allSettled([thread.check(request(1), always), thread.check(request(1), always)]);
  await new Promise(setImmediate);
  await thread.close();
  for (const check of await checks) expect(check).toMatchObject({ reason: { code: Code.Unavailable } });
});
