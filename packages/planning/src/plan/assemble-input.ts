import { create } from "@bufbuild/protobuf";
import { type InputUse, InputUseSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Blueprint } from "./blueprint.js";
import { at, probed } from "./choose.js";
import { chosen, type Picked } from "./identity.js";
import type { Knowledge } from "./resolved-inputs.js";

/** The input of a combination; pure. Throws PolyreelError `invalid`, naming the input, if it cannot be processed. */
export function inputOf({ batch, needs, unreadable }: Blueprint, picked: Picked, knowledge: Knowledge): InputUse {
  const [block] = batch.blocks;
  const [position = 0] = picked.positions;
  if (block?.kind.case !== "input") throw new PolyreelError("internal", "There is no such input.");
  const { track = 0 } = block.kind.value.choices[position] ?? {};
  const its = needs[0]?.[position] ?? [];
  return at(chosen(block, position), its, () => {
    const fault = unreadable[0]?.[position];
    if (fault) throw fault;
    const [need] = its;
    if (!need || need.kind === "voice") throw new PolyreelError("internal", "An input has no source.");
    const { sha256 } = probed(knowledge, need);
    return create(InputUseSchema, { sha256, sourceName: need.origin.sourceName, track });
  });
}
