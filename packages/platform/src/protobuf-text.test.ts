import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ChosenSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import "./protobuf-text.js";

it.each(["", "plain", "Größe ☀ 👩‍👩‍👧", "\ufeffwith a mark", "x".repeat(10_000)])("keeps text %#", (choice) => {
  expect(fromBinary(ChosenSchema, toBinary(ChosenSchema, create(ChosenSchema, { choice }))).choice).toBe(choice);
});

it("refuses invalid UTF-8, and replaces unpaired surrogates like TextEncoder", () => {
  expect(() => fromBinary(ChosenSchema, new Uint8Array([0x0a, 1, 0xff]))).toThrow();
  const half = fromBinary(ChosenSchema, toBinary(ChosenSchema, create(ChosenSchema, { choice: "a\ud800" })));
  expect(half.choice).toBe("a\ufffd");
});
