import { create } from "@bufbuild/protobuf";
import { CombinationState, CombinationStatusSchema, outputUrlPath } from "@polyreel/contract";
import { expect, it } from "vitest";
import { OutputSelector } from "./selected-outputs.js";
import { parseSelection } from "./selection.js";

const { DELIVERED, FAILED, AWAITING_APPROVAL } = CombinationState;

const combination = (id: string, outputs: [name: string, fileName: string, state?: CombinationState][]) =>
  create(CombinationStatusSchema, {
    id,
    outputs: outputs.map(([name, fileName, state = DELIVERED]) => ({
      ...{ name, state, urlPath: outputUrlPath("b1", id, fileName) },
      certificate: { sizeBytes: 7n },
    })),
  });

const select = (query: string, ...combinations: ReturnType<typeof combination>[]) => {
  const selector = new OutputSelector(parseSelection(new URLSearchParams(query)));
  return combinations.flatMap((one) => [...selector.of(one)].map(({ fileName }) => fileName));
};

it("selects each output once, whatever its destinations, in the wanted state", () => {
  const one = combination("c1", [
    ["video", "à/a.mp4", FAILED],
    ["video", "à/a.mp4"],
    ["video", "à/a.mp4"],
    ["poster", "a.jpg", AWAITING_APPROVAL],
  ]);
  expect(select("", one)).toEqual(["à/a.mp4"]);
  expect(select("state=awaiting", one)).toEqual(["a.jpg"]);
  expect(select("output=poster", one)).toEqual([]);
  const [selected] = new OutputSelector(parseSelection(new URLSearchParams())).of(one);
  expect(selected?.sizeBytes).toBe(7);
});

it("gives files of one name in several destinations other names", () => {
  const one = combination("c1", [
    ["wide", "a.mp4"],
    ["square", "a.mp4"],
  ]);
  const two = combination("c2", [
    ["wide", "b.mp4"],
    ["square", "square/a.mp4"],
  ]);
  expect(select("", one, two)).toEqual(["a.mp4", "square/a.mp4", "b.mp4", "square/square/a.mp4"]);
});

it.each([
  ["state=delivered&state=failed", "It is not one state."],
  ["state=constructor", "It is not one state."],
  ["choice==a", "does not name a block"],
  ["links=1", "neither true nor false"],
  ["__proto__=1", "no such parameter"],
])("refuses %s", (query, reason) => {
  expect(() => parseSelection(new URLSearchParams(query))).toThrow(reason);
});

it("leaves a link's own parameters alone", () => {
  const query = new URLSearchParams("choice=a%3Db%3Dc&key=k&tenant=t&expires=1&signature=s");
  expect(parseSelection(query)).toEqual({
    state: 0,
    choices: [{ block: "a", choice: "b=c" }],
    outputs: [],
    links: false,
  });
});
