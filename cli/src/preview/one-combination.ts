import { create } from "@bufbuild/protobuf";
import { type Batch, type Block, OutputSchema } from "@polyreel/contract";
import { choicesOf, normalizeBatch } from "@polyreel/spec";
import type { BatchFile } from "@polyreel/spec/batch-file";
import type { Selected } from "@polyreel/spec/selection";
import { smallCanvases } from "./small-canvas.js";
import { usedSources } from "./used-sources.js";

/** A batch file restricted to one of its combinations, small, as an MP4 of the same name. */
export function oneCombination(file: BatchFile, { positions, canvas }: Selected): BatchFile {
  const full = normalizeBatch(file.batch);
  const small = smallCanvases(file.batch);
  const batch: Batch = {
    ...file.batch,
    name: `${file.batch.name} preview`.trim(),
    ...small,
    canvases: small.canvases.slice(canvas, canvas + 1),
    blocks: file.batch.blocks.map((block, index) => only(block, full.blocks[index], positions[index] ?? 0)),
    outputs: [create(OutputSchema, { name: "", operation: { case: "mp4", value: {} } })],
    naming: file.batch.naming || namingOf(full),
    // The combination is one that the rules keep.
    where: [],
    continues: "",
    approve: false,
    notify: [],
  };
  delete batch.sample;
  return { ...file, batch, sources: usedSources(file, batch), locate: locator(file, { positions, canvas }) };
}

/** The block with one choice, labelled as in the whole batch. */
function only(block: Block, full: Block | undefined, position: number): Block {
  const { kind } = block;
  const choice = kind.value?.choices[position];
  if (!choice || !full) return block;
  const label = choicesOf(full)[position]?.label ?? "";
  const choices = [{ ...choice, label }];
  return { ...block, kind: { ...kind, value: { ...kind.value, choices } } as Block["kind"] };
}

/** Names by everything that varies in the whole batch. */
function namingOf({ blocks, canvases }: Batch): string {
  const varying = blocks.filter((block) => choicesOf(block).length > 1).map(({ name }) => `{${name}}`);
  return [...varying, ...(canvases.length > 1 ? ["{canvas}"] : [])].join("_");
}

/** Locates what is the first choice or canvas here at its place in the file. */
function locator(
  { locate }: BatchFile,
  { positions, canvas }: Pick<Selected, "positions" | "canvas">,
): BatchFile["locate"] {
  return ({ field = "", ...what }) =>
    locate({
      ...what,
      field: field
        .replace(
          /^(blocks\[(\d+)\]\.\w+\.choices)\[0\]/,
          (_, path, block) => `${path}[${positions[Number(block)] ?? 0}]`,
        )
        .replace(/^canvases\[0\]/, `canvases[${canvas}]`),
    });
}
