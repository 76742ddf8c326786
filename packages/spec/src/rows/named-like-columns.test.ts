import { create } from "@bufbuild/protobuf";
import {
  CombinationDeliveredSchema,
  CombinationState,
  type CombinationStatus,
  CombinationStatusSchema,
} from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { type Column, csvHeader, csvLine, jsonLine } from "./lines.js";
import { combinationRow, deliveryRows, listColumns } from "./list-row.js";
import { manifestColumns } from "./manifest-columns.js";
import { deliveredRow } from "./manifest-row.js";
import { plainCombination } from "./plain-combination.js";

// Blocks and metadata with the names of columns and fields.

const BLOCKS = ["path", "state", "id", "output", "status", "file", "choice", "meta", "failure", "constructor", "Path"];
const choices = BLOCKS.map((block) => ({ block, choice: `${block}!` }));
const choicesInJson = Object.fromEntries(BLOCKS.map((block) => [block, `${block}!`]));
const metadata = { "path.path": "p", "path.id": "i", "state.state": "s", "id.choices": "c", "choice.id": "d" };
const path = "sale/one.mp4";
/** Blocks named like a column of manifest.csv. */
const TAKEN = new Set(["id", "output", "status", "file"]);

/** The cells of a row by column name; asserts that names are unique. */
function cells<Row>(row: Row, columns: readonly Column<Row>[]): Record<string, string> {
  const names = csvHeader(columns).trimEnd().split(",");
  expect(new Set(names).size).toBe(names.length);
  const values = csvLine(row, columns).trimEnd().split(",");
  expect(values.length).toBe(names.length);
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
}

describe("a manifest", () => {
  const fact = create(CombinationDeliveredSchema, { combinationId: "c1", choices, path, metadata, traceId: "t" });
  const row = deliveredRow(fact, "video");

  it("has each column once", () => {
    const keys = Object.keys(metadata);
    expect(cells(row, manifestColumns(BLOCKS, keys))).toMatchObject({
      ...{ id: "c1", status: "delivered", file: "one.mp4", output: "video" },
      ...Object.fromEntries(BLOCKS.map((block) => [TAKEN.has(block) ? `choice.${block}` : block, `${block}!`])),
      ...{ "path.path": "p", "path.id": "i", "state.state": "s", "id.choices": "c", "meta.choice.id": "d" },
    });
  });

  it("keeps choices and metadata separate from its fields", () => {
    expect(JSON.parse(jsonLine(row))).toEqual({
      ...{ id: "c1", status: "delivered", file: "one.mp4", traceId: "t", output: "video" },
      ...{ choices: choicesInJson, metadata },
    });
  });

  it("leaves the cell of a missing block empty", () => {
    const other = deliveredRow(create(CombinationDeliveredSchema, { combinationId: "c2", path }), "video");
    expect(cells(other, manifestColumns(BLOCKS))).toMatchObject({ id: "c2", constructor: "" });
  });
});

describe("a list", () => {
  const delivered = { state: CombinationState.DELIVERED, path, urlPath: "/outputs/b1/c1/one.mp4" };
  const one: CombinationStatus = create(CombinationStatusSchema, {
    ...{ id: "c1", choices, metadata, ...delivered },
    outputs: [{ name: "video", ...delivered }],
  });
  const its = { id: "c1", state: "delivered", path, url: "http://host/outputs/b1/c1/one.mp4" };
  const colliding = { "choice.path": "path!", "choice.state": "state!", "choice.id": "id!" };
  const others = { status: "status!", file: "file!", choice: "choice!", constructor: "constructor!", Path: "Path!" };

  it("prefixes the columns of blocks that would be duplicates, and no others", () => {
    const row = combinationRow(one, "http://host");
    const columns = listColumns(BLOCKS, { ofOutputs: false });
    expect(cells(row, columns)).toMatchObject({ ...its, ...colliding, ...others, output: "output!" });
    const names = listColumns(["hook", "body"], { ofOutputs: false }).map(({ name }) => name);
    expect(names).toEqual(["id", "state", "hook", "body", "path", "url", "reason", "code"]);
  });

  it("also avoids duplicates of the column of outputs", () => {
    const [row] = deliveryRows(one, "http://host");
    const columns = listColumns(BLOCKS, { ofOutputs: true });
    const both = { output: "video", "choice.output": "output!" };
    expect(row && cells(row, columns)).toMatchObject({ ...its, ...colliding, ...others, ...both });
  });

  it("keeps choices and metadata separate from its fields in JSON", () => {
    expect(JSON.parse(jsonLine(plainCombination(one, its.url)))).toEqual({
      ...{ ...its, choices: choicesInJson, metadata },
    });
  });
});
