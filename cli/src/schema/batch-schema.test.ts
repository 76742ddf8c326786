import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { batchJsonSchema, parseBatchFile } from "@polyreel/spec/batch-file";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { template } from "../init/template.js";

const schema = batchJsonSchema();
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  schema,
);

/** Schema violations of a batch file, as `/canvas additionalProperties`. */
function faults(text: string): string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Every batch file in the documentation and the web pages. */
async function shownBatches(): Promise<[name: string, text: string][]> {
  const files = (await readdir(`${ROOT}docs`, { recursive: true })).map((file) => `docs/${file}`);
  const shown: [string, string][] = [];
  for (const file of ["README.md", ...files].filter((name) => /\.(md|ya?ml)$/.test(name))) {
    const text = await readFile(ROOT + file, "utf8");
    const fenced = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, inside = ""]) => inside);
    for (const one of file.endsWith(".md") ? fenced : [text])
      if (/^(blocks|inputs):/m.test(one) && !/^plugins:/m.test(one)) shown.push([file, one]); // buf.gen.yaml has `inputs` too.
  }
  return shown;
}

const batch = (rest: string, choice = "source: a.mp4") =>
  `${rest}\nblocks: [{name: v, video: {choices: [{${choice}}]}}]\n`;
const ofText = (rest: string) => `blocks: [{name: t, text: {${rest}, choices: [{text: Hello}]}}]`;

describe("the JSON Schema of batch files", () => {
  it("accepts the file that init writes, with and without its comments", () => {
    expect(faults(template)).toEqual([]);
    expect(faults(template.replace(/^( *)# (?=\w+: .)/gm, "$1"))).toEqual([]);
  });

  it("accepts all batch files in the documentation", async () => {
    const shown = await shownBatches();
    expect(shown.map(([name]) => name)).toContain("README.md");
    for (const [name, text] of shown) expect([name, ...faults(text)]).toEqual([name]);
  });

  it.each([
    ["short, upper and full names of enums", batch("canvases: [{fit: blur}, {fit: BLUR}, {fit: FIT_BLUR}]")],
    ["names of enums with underscores", ofText("style: bold_pop")],
    ["names of enums with hyphens", ofText("style: bold-pop")],
    ["names as the contract has them", batch("canvas: {frame_rate: 25}")],
    ["URLs", batch("", "source: https://example.org/a.mp4")],
    ["bytes that a server has", batch("", `source: {sha256: ${"a".repeat(64)}}`)],
    ...["3s", "500ms", "1m30s", "1h", "2.5", '"2.5"', "0s"].map((one) => [
      `a start of ${one}`,
      batch("", `source: a.mp4, trim: {start: ${one}}`),
    ]),
    ["metadata of any kind", batch("", "source: a.mp4, metadata: {sku: 0047, price: 1.5, sale: true, text: x}")],
    ["inputs", "inputs: [{source: talk.mov}, {source: 'https://example.org/a.mp4', label: a, metadata: {year: 2024}}]"],
    ["a margin on all sides", ofText("safeArea: 0.1")],
    ["margins for each side", ofText("safeArea: {top: 0.1, left: 0.2}")],
    ["the safe area of a platform", ofText("safeArea: tiktok")],
    ["zero where zero means something", ofText("safeArea: 0, weight: 0, fadeIn: 0")],
  ])("accepts %s, as the reader does", (_what, text = "") => {
    expect(faults(text)).toEqual([]);
    expect(parseBatchFile("batch.yaml", text).problems).toEqual([]);
  });

  it.each([
    ["a misspelt field", batch("nmae: x"), " additionalProperties"],
    ["a misspelt field below", batch("canvas: {widht: 720}"), "/canvas additionalProperties"],
    ["no enum's value", batch("canvas: {fit: covr}"), "/canvas/fit enum"],
    ["a number where a text belongs", batch("name: 2024"), "/name type"],
    ["no duration", batch("", "source: a.mp4, duration: 3 s"), "/blocks/0/video/choices/0/duration pattern"],
    [
      "a negative duration",
      batch("", "source: a.mp4, trim: {start: -1s}"),
      "/blocks/0/video/choices/0/trim/start pattern",
    ],
    ["two media", batch("", "source: a.mp4, image: b.jpg"), "/blocks/0/video/choices/0 not"],
    ["an unknown platform", ofText("safeArea: tiktak"), "/blocks/0/text/safeArea anyOf"],
    ["no blocks", "name: x", " oneOf"],
    ["blocks beside inputs", batch("inputs: [{source: talk.mov}]"), " oneOf"],
    ["an input without a source", "inputs: [{label: talk}]", "/inputs/0 required"],
    ["a block of inputs", "blocks: [{name: v, input: {choices: []}}]", "/blocks/0 additionalProperties"],
    ["a block without a name", "blocks: [{video: {choices: [{source: a.mp4}]}}]", "/blocks/0 required"],
    ["a block of no kind", "blocks: [{name: v}]", "/blocks/0 oneOf"],
    ["a block of two kinds", "blocks: [{name: v, video: {choices: [{}]}, text: {choices: [{}]}}]", "/blocks/0 oneOf"],
    ["a block without choices", "blocks: [{name: v, video: {choices: []}}]", "/blocks/0/video/choices minItems"],
    ["no colour", batch("canvas: {background: red}"), "/canvas/background pattern"],
    ["a size beyond its bounds", ofText("size: 7"), "/blocks/0/text/size maximum"],
    ["a weight that is none", ofText("weight: 450"), "/blocks/0/text/weight enum"],
    ["a sample of nothing", batch("sample: {seed: 7}"), "/sample required"],
    [
      "a key that is none",
      batch("", "source: a.mp4, metadata: {a-b: c}"),
      "/blocks/0/video/choices/0/metadata propertyNames",
    ],
    ["one block twice", ofText("over: [a, a]"), "/blocks/0/text/over uniqueItems"],
  ])("refuses %s", (_what, text, fault) => {
    expect(faults(text)).toContain(fault);
  });

  it("describes fields by their names in batch files", () => {
    const { properties, $defs } = schema as { properties: object; $defs: Record<string, { properties: object }> };
    expect(properties).toMatchObject({ name: { description: "Display name." } });
    expect($defs.Canvas?.properties).toMatchObject({
      width: { description: "It must be an even number from 16 to 4096." },
      fit: { description: expect.stringMatching(/contain by default\. cover: Fill the canvas and crop/) },
    });
    const descriptions = JSON.stringify(schema).match(/"description":"(\\"|[^"])*"/g) ?? [];
    expect(descriptions.length).toBeGreaterThan(50);
    expect(descriptions.filter((text) => /[A-Z]_[A-Z]/.test(text))).toEqual([]);
  });
});
