import type { Batch, Block } from "@polyreel/contract";
import { choicesOf, distinctNames } from "@polyreel/spec";
import { combinationsOf } from "./find-combination.js";

/** A video block's choice with the texts over it, and the voices that captions among them show the words of. */
export interface Clip {
  /** Index of the video block. */
  readonly block: number;
  /** Index of its choice. */
  readonly choice: number;
  /** Choices of texts and voices, by the indices of their blocks. */
  readonly over: ReadonlyMap<number, number>;
  /** Unique among the clips. */
  readonly label: string;
}

/** Combinations that are gone through, which takes a few seconds. */
const MAX_COMBINATIONS = 1_000_000;
/** Characters of a label that leave room for the position that makes it unique. */
const MAX_LABEL = 190;

/** Distinct clips of a normalised batch's combinations, up to a limit. */
export async function clipsOf(batch: Batch, limit: number): Promise<Clip[]> {
  const { blocks } = batch;
  const videos = blocks.flatMap((block, index) => (block.kind.case === "video" ? [index] : []));
  const found = new Map<string, Omit<Clip, "label">>();
  for await (const { positions, ordinal } of combinationsOf(batch)) {
    if (ordinal >= MAX_COMBINATIONS || found.size >= limit) break;
    for (const block of videos) {
      const choice = positions[block] ?? 0;
      if (!hasMedia(blocks[block], choice)) continue;
      const over = layersOver(blocks, block, positions);
      found.set(JSON.stringify([block, choice, ...over]), { block, choice, over });
    }
  }
  const clips = [...found.values()].slice(0, limit);
  const labels = distinctNames(clips.map((clip) => labelOf(blocks, clip)));
  return clips.map((clip, index) => ({ ...clip, label: labels[index] ?? "" }));
}

function layersOver(blocks: readonly Block[], video: number, positions: readonly number[]): Map<number, number> {
  const name = blocks[video]?.name ?? "";
  const over = new Map<number, number>();
  for (const [index, { kind }] of blocks.entries()) {
    if (kind.case !== "text" || !kind.value.over.includes(name)) continue;
    const position = positions[index] ?? 0;
    const choice = kind.value.choices[position];
    const voice = blocks.findIndex((block) => block.name === choice?.captions);
    // Words of a voice that begins elsewhere come at times that only the whole video has.
    if (choice?.captions && !beginsAt(blocks[voice], name)) continue;
    if (choice?.captions) over.set(voice, positions[voice] ?? 0);
    if (choice?.captions || choice?.text) over.set(index, position);
  }
  return over;
}

const beginsAt = (block: Block | undefined, video: string): boolean =>
  block?.kind.case === "voice" && block.kind.value.at === video;

function hasMedia(block: Block | undefined, choice: number): boolean {
  return block?.kind.case === "video" && block.kind.value.choices[choice]?.media.case !== undefined;
}

/** What varies of it: the footage, and texts of blocks with several choices. */
function labelOf(blocks: readonly Block[], { block, choice, over }: Omit<Clip, "label">): string {
  const named = [[block, choice] as const, ...over].flatMap(([index, position]) => {
    const choices = blocks[index] ? choicesOf(blocks[index]) : [];
    const label = choices[position]?.label ?? "";
    if (index === block) return `${blocks[index]?.name}_${label}`;
    return choices.length > 1 ? label : [];
  });
  return named.join("_").replaceAll(/\s+/g, " ").slice(0, MAX_LABEL);
}
