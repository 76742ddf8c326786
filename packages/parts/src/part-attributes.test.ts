import { create } from "@bufbuild/protobuf";
import { OriginSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { partAttributes } from "./part-attributes.js";

const origin = (block: string, choice = "", sourceName = "") => create(OriginSchema, { block, choice, sourceName });
const attributesOf = (...origins: ReturnType<typeof origin>[]) => partAttributes("clip", { hash: "ab", origins });
const part = { "polyreel.part.kind": "clip", "polyreel.part.hash": "ab" };

it("names the one origin of a part", () => {
  expect(attributesOf(origin("hook", "beach", "a.mp4"))).toEqual({
    ...part,
    "polyreel.block": "hook",
    "polyreel.choice": "beach",
    "polyreel.source.name": "a.mp4",
  });
  expect(attributesOf(origin("say"))).toEqual({ ...part, "polyreel.block": "say" });
  expect(attributesOf()).toEqual(part);
});

it("lists several, each once and not without end", () => {
  const many = Array.from({ length: 30 }, (_, i) => origin("say", `line ${i}`));
  const attributes = attributesOf(origin("music"), origin("music"), ...many);
  expect(attributes).toMatchObject({ "polyreel.part.origin.count": 31 });
  expect(attributes["polyreel.part.origins"]).toHaveLength(20);
  expect(attributes).not.toHaveProperty("polyreel.block");
});

it("shows no signature of an address that is a source's name", () => {
  const attributes = attributesOf(origin("hook", "a", "https://me:pw@cdn.example.com/a.mp4?X-Amz-Signature=secret"));
  expect(attributes["polyreel.source.name"]).toContain("cdn.example.com");
  expect(JSON.stringify(attributes)).not.toMatch(/secret|pw/);
});
