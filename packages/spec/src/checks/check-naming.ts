import type { Batch, Block } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import { hasInputs } from "../inputs.js";
import type { Mistake } from "../mistake.js";
import { nearest } from "../nearest.js";
import { quote } from "../quote.js";

const MAX_CHARACTERS = 500;

/**
 * Checks the file names' template: every `{placeholder}` must be a block's name, a block's metadata as `{block.key}`,
 * `{canvas}`, `{id}` or `{batch}`.
 */
export const checkNaming = (batch: Batch): Mistake[] =>
  checkTemplate({ template: batch.naming, what: "file names' template", field: "naming" }, batch);

interface Template {
  readonly template: string;
  /** Its description in messages. */
  readonly what: string;
  readonly field: string;
}

/** Checks another template in the same way: an output's exact key. */
export function checkTemplate({ template, what, field }: Template, batch: Batch): Mistake[] {
  if (template.length > MAX_CHARACTERS) return []; // Refused by the schema.
  const { blocks } = batch;
  const always = hasInputs(batch) ? ["id", "batch"] : ["canvas", "id", "batch"];
  const known = [...new Set([...blocks.map((block) => block.name), ...always])].filter((name) => name !== "");
  const mistakes: Mistake[] = [...template.matchAll(/\{([^{}]*)\}/g)].flatMap(([placeholder, name = ""]) => {
    if (known.includes(name) || isMetadata(name, blocks)) return [];
    const near = nearest(name, known);
    return [
      {
        field,
        reason: `The ${what} has ${quote(placeholder)}, and there is no ${name.includes(".") ? "metadata" : "block"} of that name.`,
        remedy: `${near ? `Did you mean {${near}}? ` : ""}Known are ${known.map((one) => `{${one}}`).join(", ")}.`,
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

/** Whether it is `block.key` for a key that a choice of the block has. */
function isMetadata(name: string, blocks: readonly Block[]): boolean {
  const dot = name.indexOf(".");
  const block = dot > 0 ? blocks.find((one) => one.name === name.slice(0, dot)) : undefined;
  return block !== undefined && choicesOf(block).some(({ metadata }) => Object.hasOwn(metadata, name.slice(dot + 1)));
}
