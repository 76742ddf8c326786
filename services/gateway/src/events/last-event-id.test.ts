import { expect, it } from "vitest";
import { lastSequence } from "./last-event-id.js";

it.each([
  [undefined, undefined, 0],
  ["", "", 0],
  ["7", undefined, 7],
  [undefined, "8", 8],
  ["7", "8", 7],
])("takes the header %j before the query %j: %i", (header, query, sequence) => {
  expect(lastSequence(header, query)).toBe(sequence);
});

it.each([["-1"], ["1.5"], ["seven"], ["0x7"], ["7, 8"], ["99999999999999999999"], ["9999999999999999"]])(
  "refuses %j",
  (given) => {
    expect(() => lastSequence(given, undefined)).toThrow(/Last-Event-ID|id of an event/);
    expect(() => lastSequence(undefined, given)).toThrow(/id of an event/);
  },
);

it("refuses a repeated query", () => {
  expect(() => lastSequence(undefined, ["1", "2"])).toThrow(/id of an event/);
});
