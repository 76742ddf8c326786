import { clone, create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  Align,
  type AudioBlock,
  type Batch,
  BatchSchema,
  type Canvas,
  CanvasSchema,
  Fit,
  type InputBlock,
  Overrun,
  Position,
  Priority,
  SampleMethod,
  Sound,
  type TextBlock,
  TransitionKind,
  type VideoBlock,
  type VoiceBlock,
  Zoom,
} from "@polyreel/contract";
import { videoBlockNames } from "./choices.js";
import { hasInputs, inputsAsBlock } from "./inputs.js";
import { labelOf } from "./labels.js";
import { normalizeNotify } from "./normalize-notify.js";
import { normalizeOutputs } from "./normalize-outputs.js";
import { builtInPresets, type Presets } from "./presets.js";
import { safeAreaOf } from "./safe-areas.js";
import { applyTextStyle } from "./text-styles.js";

/** Tenant of a batch that names none. */
export const DEFAULT_TENANT = "default";

const LOUDNESS_LUFS = -16;
const STILL_SECONDS = 3;
const TRANSITION_SECONDS = 0.5;
const PAUSE_SECONDS = 0.3;
const BED_FADE_OUT_SECONDS = 0.5;

/**
 * The batch with all defaults filled in: this form is stored and planned, so that a default that changes later does not
 * affect accepted batches. Pure and idempotent. Mistakes are kept: a text over a block that does not exist still names
 * it. Left open are what depends on its id (the destination's folder) and the file names' template, which depends only
 * on the blocks.
 */
export function normalizeBatch(batch: Batch, presets: Presets = builtInPresets): Batch {
  const full = clone(BatchSchema, batch);
  full.tenant ||= DEFAULT_TENANT;
  full.priority ||= Priority.NORMAL;
  if (full.sample) full.sample.method ||= SampleMethod.BALANCED;
  inputsAsBlock(full);
  if (!hasInputs(full)) {
    full.loudnessLufs ||= LOUDNESS_LUFS;
    if (full.canvases.length === 0) full.canvas ??= create(CanvasSchema);
  }
  for (const one of full.canvas ? [full.canvas, ...full.canvases] : full.canvases) fillCanvas(one);
  normalizeNotify(full.notify);
  full.outputs = normalizeOutputs(full.outputs, hasInputs(full), presets);

  const videos = videoBlockNames(full.blocks);
  for (const { kind } of full.blocks) {
    if (kind.case === "video") video(kind.value);
    else if (kind.case === "text") text(kind.value, videos);
    else if (kind.case === "voice") voice(kind.value, videos);
    else if (kind.case === "audio") audio(kind.value);
    if (kind.case !== undefined) label(kind.value);
  }
  return full;
}

function fillCanvas(canvas: Canvas): void {
  canvas.width ||= 1080;
  canvas.height ||= 1920;
  canvas.frameRate ||= 30;
  canvas.fit ||= Fit.CONTAIN;
  canvas.background = canvas.background.toLowerCase() || "#000000";
  canvas.label ||= `${canvas.width}x${canvas.height}`;
}

function video(block: VideoBlock): void {
  block.sound ||= Sound.KEPT;
  for (const choice of block.choices) {
    choice.sound ||= block.sound;
    choice.zoom ||= Zoom.NONE;
    choice.fit ||= block.fit; // Unset: as the canvas, of which there may be several.
    if (choice.media.case === "image") choice.duration ??= seconds(STILL_SECONDS);
  }
  const { transition } = block;
  if (!transition) return;
  // A cut is the same as no transition, explicit or not.
  if (transition.kind === TransitionKind.CUT) {
    delete block.transition;
    return;
  }
  transition.kind ||= TransitionKind.CROSSFADE;
  transition.duration ??= seconds(TRANSITION_SECONDS);
  transition.color = transition.color.toLowerCase() || "#000000";
}

function text(block: TextBlock, videos: string[]): void {
  applyTextStyle(block);
  if (block.over.length === 0) block.over = [...videos];
  block.position ||= Position.BOTTOM;
  block.align ||= Align.CENTER;
  block.safeArea ??= 0.06;
  const platformArea = safeAreaOf(block.safeAreaPlatform);
  if (platformArea) block.safeAreaSides ??= platformArea;
  block.size ||= 0.07;
  block.weight ||= 700;
  block.color = withAlpha(block.color || "#ffffff");
  block.maxWidth ||= 0.9;
  block.fadeIn ??= seconds(0);
  block.fadeOut ??= seconds(0);
  if (block.highlight) block.highlight = withAlpha(block.highlight);
  const { box, outline, shadow } = block;
  if (box) {
    box.color = withAlpha(box.color || "#000000a0");
    box.padding ??= 0.35;
    box.radius ??= 0.2;
  }
  if (outline) {
    outline.color = withAlpha(outline.color || "#000000");
    outline.width ||= 0.08;
  }
  if (shadow) {
    shadow.color = withAlpha(shadow.color || "#000000a0");
    shadow.blur ||= 0.15;
    shadow.offset ??= 0.05;
  }
}

function voice(block: VoiceBlock, videos: string[]): void {
  block.at ||= videos[0] ?? "";
  block.offset ??= seconds(0);
  block.overrun ||= Overrun.FAIL;
  for (const choice of block.choices) {
    if (!choice.source) choice.rate ||= 1;
    for (const line of choice.next) {
      line.pause ??= seconds(PAUSE_SECONDS);
      if (line.source) continue; // A recording has no voice.
      line.voice ||= choice.voice;
      line.rate ||= choice.rate || 1;
      line.pitch ||= choice.pitch;
      if (choice.settings) line.settings ??= choice.settings;
    }
  }
}

function audio(block: AudioBlock): void {
  block.fadeIn ??= seconds(0);
  // An effect ends by itself: a fade of half a second would be most of it.
  block.fadeOut ??= seconds(block.at ? 0 : BED_FADE_OUT_SECONDS);
  block.offset ??= seconds(0);
  block.delay ??= seconds(0);
}

function label(block: VideoBlock | TextBlock | VoiceBlock | AudioBlock | InputBlock): void {
  for (const [index, choice] of block.choices.entries()) choice.label = labelOf(choice, index);
}

/** "#rrggbb" or "#rrggbbaa" as the latter: a single spelling, so that one picture has one recipe. */
const withAlpha = (color: string): string => (color.length === 7 ? `${color}ff` : color).toLowerCase();

const seconds = (value: number): Duration =>
  create(DurationSchema, { seconds: BigInt(Math.floor(value)), nanos: Math.round((value % 1) * 1e9) });
