import type { Batch, Block } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import { DATE } from "../dated.js";
import { hasInputs } from "../inputs.js";
import type { Mistake } from "../mistake.js";
import { nearest } from "../nearest.js";
import { quote } from "../quote.js";
import { FIXED_COLUMNS } from "../rows/manifest-columns.js";
import { COLUMN_PLACEHOLDERS } from "../rows/template-columns.js";

const MAX_CHARACTERS = 500;
const MAX_COLUMN_CHARACTERS = 2000;
/** Placeholders listed in a message. */
const MAX_LISTED = 40;

/**
 * Checks the file names' template: every `{placeholder}` must be a block's name, a block's metadata as `{block.key}`,
 * `{canvas}`, `{id}`, `{index}`, `{date}` or `{batch}`.
 */
export const checkNaming = (batch: Batch): Mistake[] =>
  checkTemplate({ template: batch.naming, what: "file names' template", field: "naming" }, batch);

/** Checks the columns that a batch adds to its manifest, in the same way. */
export const checkColumns = (batch: Batch): Mistake[] =>
  Object.entries(batch.columns).flatMap(([name, template]) => {
    const field = `columns.${name}`;
    const isTaken = FIXED_COLUMNS.includes(name) || batch.blocks.some((block) => block.name === name);
    const taken = {
      field,
      reason: `The manifest has a column ${quote(name)} already.`,
      remedy: "Choose another name.",
    };
    const found = checkTemplate({ template, what: `column ${quote(name)}`, field, more: COLUMN_PLACEHOLDERS }, batch);
    return isTaken ? [taken, ...found] : found;
  });

interface Template {
  readonly template: string;
  /** Placeholders beyond those of file names. */
  readonly more?: readonly string[];
  /** Its description in messages. */
  readonly what: string;
  readonly field: string;
}

/** Checks another template in the same way: an output's exact key. */
export function checkTemplate({ template, what, field, more = [] }: Template, batch: Batch): Mistake[] {
  if (template.length > (more.length > 0 ? MAX_COLUMN_CHARACTERS : MAX_CHARACTERS)) return []; // Refused by the schema.
  const { blocks } = batch;
  const always = [
    ...(hasInputs(batch) ? [] : ["canvas"]),
    "id",
    "batch",
    DATE,
    ...(more.length > 0 ? more : ["index"]),
  ];
  const names = [...new Set([...blocks.map((block) => block.name), ...always])].filter((name) => name !== "");
  const known = [...names, ...metadataIn(blocks)];
  const mistakes: Mistake[] = [...template.matchAll(/\{([^{}]*)\}/g)].flatMap(([placeholder, name = ""]) => {
    if (known.includes(name) || isMetadata(name, blocks)) return [];
    const near = nearest(name, known);
    const listed = known.slice(0, MAX_LISTED).map((one) => `{${one}}`);
    return [
      {
        field,
        reason: `The ${what} has ${quote(placeholder)}, and there is no ${missing(name, names)} of that name.`,
        remedy: `${near ? `Did you mean {${near}}? ` : ""}Known are ${listed.join(", ")}.`,
      },
    ];
  });
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, ""))) {
    mistakes.push({
      field,
      reason: `The ${what} ${quote(template)} has a brace without its other half.`,
      remedy: "Write placeholders as {block}.",
    });
  }
  return mistakes;
}

/** What a placeholder names that does not exist. */
function missing(name: string, names: readonly string[]): string {
  const [block = "", key] = name.split(".");
  if (key === undefined) return "block";
  return names.includes(block) ? `metadata of block ${quote(block)}` : "metadata";
}

/** Whether it is `block.key` for a key that a choice of the block has. */
function isMetadata(name: string, blocks: readonly Block[]): boolean {
  const dot = name.indexOf(".");
  const block = dot > 0 ? blocks.find((one) => one.name === name.slice(0, dot)) : undefined;
  return block !== undefined && choicesOf(block).some(({ metadata }) => Object.hasOwn(metadata, name.slice(dot + 1)));
}

/** All metadata, as placeholders. */
const metadataIn = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) => {
    const keys = new Set(choicesOf(block).flatMap(({ metadata }) => Object.keys(metadata)));
    return [...keys].map((key) => `${block.name}.${key}`);
  });
