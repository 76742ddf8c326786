import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  type Block,
  type Chosen,
  ChosenSchema,
  type Combination,
  CombinationSchema,
} from "@polyreel/contract";
import { choicesOf } from "@polyreel/spec";
import type { Selected } from "@polyreel/spec/selection";
import type { Blueprint } from "./blueprint.js";
import { idOfJson } from "./combination-id.js";

/** A combination by its choices, as positions. */
export type Picked = Selected;

/** A choice as referred to by combinations. */
export interface Named {
  readonly chosen: Chosen;
  /** As part of ids. */
  readonly json: string;
  /** Its metadata, by "<block>.<key>". */
  readonly metadata: readonly (readonly [string, string])[];
}

/** The choices of a batch as referred to by combinations, by block and position; canvases if there are several. */
export interface Names {
  readonly blocks: readonly (readonly Named[])[];
  readonly canvases: readonly Named[];
}

export const namesOf = ({ blocks, canvases }: Batch): Names => ({
  blocks: blocks.map((block) =>
    choicesOf(block).map(({ label, metadata }) =>
      named(
        block.name,
        label,
        Object.entries(metadata).map(([key, value]) => [`${block.name}.${key}`, value] as const),
      ),
    ),
  ),
  canvases: canvases.map(({ label }) => named("canvas", label, [])),
});

const named = (block: string, choice: string, metadata: Named["metadata"]): Named => ({
  chosen: create(ChosenSchema, { block, choice }),
  json: JSON.stringify([block, choice]),
  metadata,
});

/** Names of a block and of its choice at a position. */
export const chosen = (block: Block, position: number): { block: string; choice: string } => ({
  block: block.name,
  choice: choicesOf(block)[position]?.label ?? "",
});

/** A combination's id, choices and metadata, whether it is valid or not. */
export function identify({ batch, names }: Blueprint, { positions, canvas, ordinal }: Picked): Combination {
  const combination = create(CombinationSchema);
  const { choices, metadata } = combination;
  let json = "";
  const add = (name: Named | undefined): void => {
    if (!name) return;
    choices.push(name.chosen);
    json += json === "" ? name.json : `,${name.json}`;
    for (const [key, value] of name.metadata) metadata[key] = value;
  };
  add(names.canvases[canvas]);
  for (const [i, ofBlock] of names.blocks.entries()) add(ofBlock[positions[i] ?? 0]);
  combination.id = idOfJson(`[${json}]`);
  combination.ordinal = BigInt(ordinal);
  combination.title = batch.name;
  return combination;
}
