import type { AudioChoice, Block, TextChoice, VideoChoice, VoiceChoice } from "../gen/polyreel/v1/batch_pb.js";

export type Choice = VideoChoice | TextChoice | VoiceChoice | AudioChoice;

/** A block's choices, whatever its kind; none where it has no kind yet. */
export const choicesOf = (block: Block): Choice[] => block.kind.value?.choices ?? [];

/** Names of the video blocks, in timeline order. */
export const videoBlockNames = (blocks: readonly Block[]): string[] =>
  blocks.filter((block) => block.kind.case === "video").map((block) => block.name);
