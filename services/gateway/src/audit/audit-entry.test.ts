import { create } from "@bufbuild/protobuf";
import {
  AuditService,
  BatchSchema,
  BatchService,
  CreateKeyResponseSchema,
  DeliverCombinationsResponseSchema,
  LinkService,
  PutSourceRequestSchema,
  ResendNotificationRequestSchema,
  RevokeKeyRequestSchema,
  SubmitBatchRequestSchema,
} from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { auditEntry } from "./audit-entry.js";
import { invertedAuditId, lowestAuditId, newAuditId } from "./audit-id.js";
import { objectIn, setFields, textIn } from "./message-facts.js";
import { isRecordedHttp, isRecordedMethod } from "./recorded-actions.js";

describe("ids", () => {
  it("ascend with the time, within a millisecond too, and descend inverted", () => {
    const ids = [1_000, 1_000, 1_000, 1_001, 1_700_000_000_000].map(newAuditId);
    expect([...ids].sort()).toEqual(ids);
    const inverted = ids.map(invertedAuditId);
    expect([...inverted].sort()).toEqual(inverted.toReversed());
    expect(inverted.map(invertedAuditId)).toEqual(ids);
    const lowest = lowestAuditId(new Date(1_001));
    expect(ids.map((id) => id < lowest)).toEqual([true, true, true, false, false]);
  });
});

describe("entries", () => {
  it("have bounded texts without anything invisible", () => {
    const entry = auditEntry({
      tenant: "acme",
      principal: { kind: "key", id: "1", name: "x".repeat(500) },
      action: "a",
      outcome: "ok",
      userAgent: "curl\n2026 forged line \u202e\ud800",
      fields: Array.from({ length: 100 }, (_, i) => `f${i}`),
    });
    expect(entry.userAgent).toBe("curl\\u{a}2026 forged line \\u{202e}\\u{d800}");
    expect(entry.principal?.name).toHaveLength(200);
    expect(entry.fields).toHaveLength(64);
  });
});

describe("what messages tell", () => {
  it("is the names of fields that are set, never their values", () => {
    const batch = create(BatchSchema, { name: "secret launch", tenant: "acme", blocks: [{ name: "hook" }] });
    const message = create(SubmitBatchRequestSchema, { batch, requestId: "r1" });
    expect(setFields(SubmitBatchRequestSchema, message)).toEqual([
      "batch.tenant",
      "batch.name",
      "batch.blocks",
      "request_id",
    ]);
    expect(textIn(SubmitBatchRequestSchema, message, "tenant")).toBe("acme");
    expect(objectIn(SubmitBatchRequestSchema, message)).toBeUndefined();
  });

  it("is the object, in the request or the response", () => {
    const named = [
      objectIn(RevokeKeyRequestSchema, create(RevokeKeyRequestSchema, { id: "k1" })),
      objectIn(ResendNotificationRequestSchema, create(ResendNotificationRequestSchema, { id: "n1" })),
      objectIn(CreateKeyResponseSchema, create(CreateKeyResponseSchema, { key: { id: "k2" }, secret: "s" })),
      objectIn(
        DeliverCombinationsResponseSchema,
        create(DeliverCombinationsResponseSchema, { resumption: { batch: { batchId: "b1" } } }),
      ),
    ];
    expect(named.map((one) => `${one?.kind} ${one?.id}`)).toEqual(["key k1", "notification n1", "key k2", "batch b1"]);
    const description = { case: "description" as const, value: { tenant: "acme" } };
    expect(textIn(PutSourceRequestSchema, create(PutSourceRequestSchema, { part: description }), "tenant")).toBe(
      "acme",
    );
  });
});

describe("what is recorded", () => {
  it("is what changes something, by the declarations of the contract", () => {
    const { cancelBatch, getBatch, watchBatch, estimateBatch, deleteBatch } = BatchService.method;
    expect([cancelBatch, deleteBatch, LinkService.method.createLink].map(isRecordedMethod)).toEqual([true, true, true]);
    const reading = [getBatch, watchBatch, estimateBatch, AuditService.method.listAuditLog];
    expect(reading.map(isRecordedMethod)).toEqual([false, false, false, false]);
    expect(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "PROPPATCH"].map(isRecordedHttp)).toEqual([
      ...[false, false, false, true, true, true, true, true],
    ]);
  });
});
