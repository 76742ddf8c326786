import { create } from "@bufbuild/protobuf";
import {
  type Block,
  type Chosen,
  ChosenSchema,
  type Combination,
  CombinationSchema,
  choicesOf,
  type Selected,
} from "@polyreel/contract";
import type { Blueprint } from "./blueprint.js";
import { combinationId } from "./combination-id.js";

/** A combination by its choices, as positions. */
export type Picked = Selected;

/** The choice that a block has at a position, by name. */
export const chosen = (block: Block, position: number): Chosen =>
  create(ChosenSchema, { block: block.name, choice: choicesOf(block)[position]?.label ?? "" });

/** A combination's id, choices and what is known of them, whether it can be made or not. */
export function identify({ batch }: Blueprint, { positions, canvas, ordinal }: Picked): Combination {
  const choices = batch.blocks.map((block, i) => chosen(block, positions[i] ?? 0));
  const several = batch.canvases[canvas];
  if (several) choices.unshift(create(ChosenSchema, { block: "canvas", choice: several.label }));
  const id = combinationId(choices);
  const metadata = metadataOf(batch.blocks, positions);
  const tags = {
    ...(batch.name && { title: batch.name }),
    polyreel_combination: id,
    ...Object.fromEntries(choices.map(({ block, choice }) => [block, choice])),
    ...metadata,
  };
  return create(CombinationSchema, { id, ordinal: BigInt(ordinal), choices, metadata, tags });
}

function metadataOf(blocks: readonly Block[], positions: readonly number[]): Record<string, string> {
  const entries = blocks.flatMap((block, i) => {
    const metadata = choicesOf(block)[positions[i] ?? 0]?.metadata ?? {};
    return Object.entries(metadata).map(([key, value]) => [`${block.name}.${key}`, value]);
  });
  return Object.fromEntries(entries);
}
