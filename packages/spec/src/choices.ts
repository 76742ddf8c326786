import type { AudioChoice, Block, Input, TextChoice, VideoChoice, VoiceChoice } from "@polyreel/contract";

export type Choice = VideoChoice | TextChoice | VoiceChoice | AudioChoice | Input;

/** A block's choices, whatever its kind; empty if it has no kind. */
export const choicesOf = (block: Block): Choice[] => block.kind.value?.choices ?? [];

/** Path of a choice as written in the batch; `index` is that of its block. */
export const choicePath = ({ kind }: Block, index: number, position: number): string =>
  kind.case === "input" ? `inputs[${position}]` : `blocks[${index}].${kind.case}.choices[${position}]`;

/** Names of the video blocks, in timeline order. */
export const videoBlockNames = (blocks: readonly Block[]): string[] =>
  blocks.filter((block) => block.kind.case === "video").map((block) => block.name);
