import { create } from "@bufbuild/protobuf";
import { FailureCode, FailureSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { errorCodeOf, PolyreelError, sourceError, toPolyreelError } from "./errors.js";

it("gives every failure the code of its error, or the finer one that it names", () => {
  expect(new PolyreelError("exhausted", "Full.").failure.code).toBe(FailureCode.RESOURCE_EXHAUSTED);
  expect(toPolyreelError(new TypeError("x")).failure.code).toBe(FailureCode.INTERNAL);
  expect(sourceError({ reason: "Damaged." })).toMatchObject({
    code: "invalid",
    failure: { code: FailureCode.SOURCE_INVALID },
  });
});

it("keeps the code where a failure comes from elsewhere, gets a place, or was written by a release without codes", () => {
  const passed = new PolyreelError(
    "invalid",
    create(FailureSchema, { reason: "Away.", code: FailureCode.UNAVAILABLE }),
  );
  expect(passed.failure.code).toBe(FailureCode.UNAVAILABLE);
  expect(passed.at({ block: "hook" }).failure).toMatchObject({ block: "hook", code: FailureCode.UNAVAILABLE });
  const old = new PolyreelError("invalid", create(FailureSchema, { reason: "It failed." }));
  expect(old.failure.code).toBe(FailureCode.UNSPECIFIED);
});

it("reads an answered failure as the error that it was", () => {
  const codeOf = (code: FailureCode) => errorCodeOf(create(FailureSchema, { code }));
  expect(codeOf(FailureCode.INTERNAL)).toBe("internal");
  expect(codeOf(FailureCode.SOURCE_INVALID)).toBe("invalid");
  expect(codeOf(FailureCode.UNSPECIFIED)).toBe("invalid");
});
