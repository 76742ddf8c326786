import { create } from "@bufbuild/protobuf";
import { BatchService, GetBatchRequestSchema, SourceService } from "@polyreel/contract";
import { expect, it } from "vitest";
import { type Corpus, drawCall } from "./draw-call.js";
import { Findings, loggedErrors } from "./findings.js";

const request = create(GetBatchRequestSchema, { batchId: "b1" });
const corpus: Corpus = {
  services: [BatchService, SourceService],
  valid: new Map([[request.$typeName, [request]]]),
  known: ["b1"],
};
const calls = Array.from({ length: 400 }, (_, i) => drawCall(1, i, corpus));

it("draws every method, protocol and kind of damage, determined by the seed", () => {
  const methods = [BatchService, SourceService].flatMap((service) => service.methods);
  expect(new Set(calls.map(({ method }) => method)).size).toBe(methods.length);
  expect(new Set(calls.map(({ protocol }) => protocol)).size).toBe(3);
  expect(new Set(calls.map(({ headers }) => headers["content-type"])).size).toBeGreaterThan(8);
  expect(calls.some(({ cutAfter }) => cutAfter !== undefined)).toBe(true);
  expect(calls.some(({ how }) => how.startsWith("random bytes"))).toBe(true);
  expect(drawCall(1, 7, corpus)).toEqual(calls[7]);
  expect(drawCall(2, 7, corpus)).not.toEqual(calls[7]);
});

it("reports answers that blame the server, each kind once", () => {
  const findings = new Findings();
  const [one, other] = calls.filter(({ method }) => method.name === "GetBatch");
  if (!one || !other) expect.fail("GetBatch was not drawn");
  for (const code of ["ok", "not_found", "invalid_argument", "http 415", "cut"])
    findings.add(one, { code, message: "" });
  findings.add(one, { code: "internal", message: "parse binary: premature EOF" });
  expect(findings.all).toEqual([]);
  for (const call of [one, other]) findings.add(call, { code: "internal", message: "Something went wrong 17" });
  findings.add(one, { code: "no answer", message: "" });
  expect(findings.all).toMatchObject([
    { code: "internal", times: 2, call: one },
    { code: "no answer", times: 1 },
  ]);
  expect(findings.codes).toMatchObject({ ok: 1, internal: 2, unreadable: 1 });
});

it("finds errors in the logs of services", () => {
  const line = (level: string, message: string) => ({ level, message: "call", rpc: "GetBatch", err: { message } });
  const log = [line("error", "it broke at 1"), line("error", "it broke at 2"), line("warn", "slow")];
  expect(loggedErrors("gateway", [...log, line("error", "[internal] parse binary: premature EOF")])).toHaveLength(1);
});
