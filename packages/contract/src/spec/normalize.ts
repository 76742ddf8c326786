import { clone, create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  type AudioBlock,
  type Batch,
  BatchSchema,
  type Canvas,
  CanvasSchema,
  Container,
  Fit,
  OutputSchema,
  Overrun,
  Position,
  Sound,
  type TextBlock,
  type VideoBlock,
  type VoiceBlock,
} from "../gen/polyreel/v1/batch_pb.js";
import { videoBlockNames } from "./choices.js";
import { labelOf } from "./labels.js";

/** Whose a batch is when it names nobody. */
export const DEFAULT_TENANT = "default";

const STILL_SECONDS = 3n;

/**
 * The batch with everything said that it leaves to defaults: what is stored and planned, so that a default that changes
 * later changes no batch accepted before. Pure, and the same again when applied twice. What is wrong stays wrong: a text
 * over a block that does not exist still names it. Left open are what only its id decides (the destination's folder) and
 * the file names' template, which depends on nothing but the blocks.
 */
export function normalizeBatch(batch: Batch): Batch {
  const full = clone(BatchSchema, batch);
  full.tenant ||= DEFAULT_TENANT;
  full.canvas = canvas(full.canvas ?? create(CanvasSchema));
  if (full.outputs.length === 0) full.outputs = [create(OutputSchema)];
  for (const output of full.outputs) output.container ||= Container.MP4;

  const videos = videoBlockNames(full.blocks);
  for (const { kind } of full.blocks) {
    if (kind.case === "video") video(kind.value);
    else if (kind.case === "text") text(kind.value, videos);
    else if (kind.case === "voice") voice(kind.value, videos);
    if (kind.case !== undefined) label(kind.value);
  }
  return full;
}

function canvas(said: Canvas): Canvas {
  said.width ||= 1080;
  said.height ||= 1920;
  said.frameRate ||= 30;
  said.fit ||= Fit.CONTAIN;
  said.background = said.background.toLowerCase() || "#000000";
  return said;
}

function video(block: VideoBlock): void {
  block.sound ||= Sound.KEPT;
  for (const choice of block.choices) {
    if (choice.media.case === "image") choice.duration ??= create(DurationSchema, { seconds: STILL_SECONDS });
  }
}

function text(block: TextBlock, videos: string[]): void {
  if (block.over.length === 0) block.over = [...videos];
  block.position ||= Position.BOTTOM;
  block.size ||= 0.07;
  block.color = withAlpha(block.color || "#ffffff");
  block.maxWidth ||= 0.9;
  if (block.box) block.box.color = withAlpha(block.box.color || "#000000a0");
}

function voice(block: VoiceBlock, videos: string[]): void {
  block.at ||= videos[0] ?? "";
  block.offset ??= create(DurationSchema);
  block.overrun ||= Overrun.FAIL;
}

function label(block: VideoBlock | TextBlock | VoiceBlock | AudioBlock): void {
  for (const [index, choice] of block.choices.entries()) choice.label = labelOf(choice, index);
}

/** "#rrggbb" or "#rrggbbaa" as the latter: one way to write a colour, so that one picture has one recipe. */
const withAlpha = (color: string): string => (color.length === 7 ? `${color}ff` : color).toLowerCase();
