import type { Failure, Output } from "@polyreel/contract";
import { foreseeImage } from "@polyreel/media/image";
import { requireFootage, requireThumbnail } from "@polyreel/media/operations";
import type { Probe } from "@polyreel/media/probe";
import { soundTrack } from "@polyreel/media/probe";
import { foreseeFile } from "@polyreel/media/rendition";
import type { Blueprint } from "../plan/blueprint.js";
import { at, probed } from "../plan/choose.js";
import { chosen, type Picked } from "../plan/identity.js";
import type { PartialKnowledge } from "./certain-failures.js";
import { requireMark } from "./mark-faults.js";
import { outputFault } from "./output-fault.js";

/** Why outputs cannot be made of an input, as far as its probe shows. Renderers decide; this is for estimates. */
export function inputFaults(
  { batch, needs, marks }: Blueprint,
  picked: Picked,
  knowledge: PartialKnowledge,
): Failure[] {
  const [block] = batch.blocks;
  const [position = 0] = picked.positions;
  const choiceNeeds = needs[0]?.[position] ?? [];
  const [need] = choiceNeeds;
  if (block?.kind.case !== "input" || !need || need.kind === "voice") return [];
  const { track = 0 } = block.kind.value.choices[position] ?? {};
  return batch.outputs.flatMap((output, number) => {
    try {
      at(chosen(block, position), [], () => requireMark(output, marks[number], knowledge));
      at(chosen(block, position), choiceNeeds, () => requireFor(output, probed(knowledge, need).probe, track));
      return [];
    } catch (error) {
      return [outputFault(output, number, error)];
    }
  });
}

function requireFor({ operation }: Output, probe: Probe, track: number): void {
  if (operation.case === "thumbnail") requireThumbnail(operation.value, probe);
  if (operation.case === "contactSheet") requireFootage(probe);
  if (operation.case === "image") foreseeImage(operation.value, probe);
  if (operation.case === "audio") soundTrack(probe, track);
  if (operation.case === "transcode" || operation.case === "compress") foreseeFile(operation, probe, track);
  if (operation.case === "preview" || operation.case === "waveform") foreseeFile(operation, probe, track);
  // Cues fail with their storyboard.
  if (operation.case === "storyboard" && !operation.value.cuesOf) foreseeFile(operation, probe, track);
}
