import { createHash } from "node:crypto";
import { clone, toJsonString } from "@bufbuild/protobuf";
import { type Batch, type Block, BlockSchema, CanvasSchema } from "@polyreel/contract";
import { choicesOf, labelOf } from "@polyreel/spec";

/** A choice by its names, and a hash of what stands behind them: itself, and its block's settings. */
export interface Content {
  readonly block: string;
  readonly choice: string;
  readonly content: string;
}

/** What a normalised batch's combinations are put together from, by position. */
export function contentsOf(batch: Batch): {
  blocks: readonly (readonly Content[])[];
  canvases: readonly Content[];
  none: Content;
} {
  const canvases = batch.canvases.length > 0 ? batch.canvases : batch.canvas ? [batch.canvas] : [];
  return {
    blocks: batch.blocks.map((block) => {
      const alone = withoutChoices(block);
      return choicesOf(block).map((choice, position) => {
        const one = clone(BlockSchema, alone);
        choicesOf(one).push(choice as never); // a choice of the same block's kind
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
  const alone = clone(BlockSchema, block);
  choicesOf(alone).length = 0;
  return alone;
}

/** A file that was moved is the same file: of stored bytes the hash counts, not the name. */
function hash(json: string): string {
  const plain = JSON.stringify(JSON.parse(json), function (this: object, key, value) {
    return key === "name" && "sha256" in this ? undefined : value;
  });
  return createHash("sha256").update(plain).digest("base64");
}
