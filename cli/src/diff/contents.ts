import { createHash } from "node:crypto";
import { clone, toJsonString } from "@bufbuild/protobuf";
import { type Batch, type Block, BlockSchema, CanvasSchema } from "@polyreel/contract";
import { choicesOf, labelOf } from "@polyreel/spec";

/** A choice's names, and a hash of its content: the choice itself and the settings of its block. */
export interface Content {
  readonly block: string;
  readonly choice: string;
  readonly content: string;
}

/** The content of a normalised batch's combinations, by position of block and choice. */
export function contentsOf(batch: Batch): {
  blocks: readonly (readonly Content[])[];
  canvases: readonly Content[];
  none: Content;
} {
  const canvases = batch.canvases.length > 0 ? batch.canvases : batch.canvas ? [batch.canvas] : [];
  return {
    blocks: batch.blocks.map((block) => {
      const settings = withoutChoices(block);
      return choicesOf(block).map((choice, position) => {
        const one = clone(BlockSchema, settings);
        choicesOf(one).push(choice as never); // The choice has the kind of its block.
        return { block: block.name, choice: labelOf(choice, position), content: hash(toJsonString(BlockSchema, one)) };
      });
    }),
    canvases: canvases.map((one) => ({
      block: "canvas",
      choice: one.label,
      content: hash(toJsonString(CanvasSchema, one)),
    })),
    none: { block: "", choice: "", content: "" },
  };
}

function withoutChoices(block: Block): Block {
  const settings = clone(BlockSchema, block);
  choicesOf(settings).length = 0;
  return settings;
}

/** Stored files count by their hash, so that a file that was only moved is unchanged. */
function hash(json: string): string {
  const plain = JSON.stringify(JSON.parse(json), function (this: object, key, value) {
    return key === "name" && "sha256" in this ? undefined : value;
  });
  return createHash("sha256").update(plain).digest("base64");
}
