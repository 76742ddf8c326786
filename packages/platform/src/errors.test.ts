import { create } from "@bufbuild/protobuf";
import { FailureCode, FailureSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { errorCodeOf, PolyreelError, sourceError, toPolyreelError } from "./errors.js";

it("gives every failure its error's code, or a more specific one", () => {
  expect(new PolyreelError("exhausted", "Full.").failure.code).toBe(FailureCode.RESOURCE_EXHAUSTED);
  expect(toPolyreelError(new TypeError("x")).failure.code).toBe(FailureCode.INTERNAL);
  expect(sourceError({ reason: "Damaged." })).toMatchObject({
    code: "invalid",
    failure: { code: FailureCode.SOURCE_INVALID },
  });
});

it("keeps the code of failures from elsewhere, with an added place, or from a release without codes", () => {
  const passed = new PolyreelError(
    "invalid",
    create(FailureSchema, { reason: "Away.", code: FailureCode.UNAVAILABLE }),
  );
  expect(passed.failure.code).toBe(FailureCode.UNAVAILABLE);
  expect(passed.at({ block: "hook" }).failure).toMatchObject({ block: "hook", code: FailureCode.UNAVAILABLE });
  const old = new PolyreelError("invalid", create(FailureSchema, { reason: "It failed." }));
  expect(old.failure.code).toBe(FailureCode.UNSPECIFIED);
});

it("converts an answered failure back to its error", () => {
  const codeOf = (code: FailureCode) => errorCodeOf(create(FailureSchema, { code }));
  expect(codeOf(FailureCode.INTERNAL)).toBe("internal");
  expect(codeOf(FailureCode.SOURCE_INVALID)).toBe("invalid");
  expect(codeOf(FailureCode.UNSPECIFIED)).toBe("invalid");
});
