import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { OutputSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { normalizeOutputs, specifiedIndexes } from "./normalize-outputs.js";
import { fileSuffixes } from "./operations.js";

const thumbnail = (value: object, rest: { name?: string; as?: string } = {}) => ({
  ...rest,
  operation: { case: "thumbnail" as const, value },
});
const times = [{ seconds: 1n }, { seconds: 2n }];
const normalized = (...given: MessageInitShape<typeof OutputSchema>[]) =>
  normalizeOutputs(given.map((one) => create(OutputSchema, one)));

it("makes an output of each picture, with its number in its name, its key and its file's name", () => {
  const given = [
    thumbnail({ count: 2, best: true }),
    {},
    thumbnail({ times }, { name: "shot", as: "{input}/shot.jpg" }),
    thumbnail({}, { name: "first" }),
  ].map((one) => create(OutputSchema, one));
  const outputs = normalizeOutputs(given);
  expect(outputs.map(({ name, as }) => [name, as])).toEqual([
    ["poster-1", ""],
    ["poster-2", ""],
    ["video", ""],
    ["shot-1", "{input}/shot-1.jpg"],
    ["shot-2", "{input}/shot-2.jpg"],
    ["first", ""],
  ]);
  expect(outputs[1]?.operation.value).toMatchObject({ count: 2, best: true, number: 2 });
  expect(outputs[4]?.operation.value).toMatchObject({ times, number: 2 });
  expect(fileSuffixes(outputs)).toEqual([
    ...[".poster-1.jpg", ".poster-2.jpg", ".mp4", ".shot-1.jpg", ".shot-2.jpg", ".jpg"],
  ]);
  expect(specifiedIndexes(given, true)).toEqual([0, 0, 1, 2, 2, 3]);
  expect(normalizeOutputs(outputs)).toEqual(outputs);
});

it.each([{ count: 1 }, { times: times.slice(1) }, { best: true }, { count: 3, number: 2 }])(
  "leaves the only picture of %o without a number",
  (value) => {
    const outputs = normalized(thumbnail(value));
    expect(outputs).toMatchObject([{ name: "poster", operation: { value } }]);
    expect(normalizeOutputs(outputs)).toEqual(outputs);
  },
);

it("names several without names apart", () => {
  const names = normalized(thumbnail({ count: 2 }), thumbnail({ count: 2 })).map(({ name }) => name);
  expect(names).toEqual(["poster-1", "poster-2", "poster-2-1", "poster-2-2"]);
});

it("leaves more pictures than are possible for the checks to refuse", () => {
  expect(normalized(thumbnail({ count: 2 ** 32 - 1 }))).toHaveLength(1);
});
