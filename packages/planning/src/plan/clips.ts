import { create } from "@bufbuild/protobuf";
import {
  type ClipRecipe,
  ClipRecipeSchema,
  type ClipUse,
  ClipUseSchema,
  type Origin,
  type Transition,
  TransitionKind,
  type TransitionRecipe,
  TransitionRecipeSchema,
  Zoom,
} from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import { recipeHash } from "@polyreel/parts";
import type { Stage } from "./blueprint.js";
import type { ChosenVideo } from "./choose.js";
import { FITS } from "./fits.js";
import type { ShownText } from "./texts.js";
import type { ClipSpan } from "./timeline.js";

/** The encoders' builds and settings, as in recipes. */
export interface Encoders {
  readonly clip: string;
  readonly sound: string;
  /** The text renderer's version, in recipes of clips with texts. */
  readonly text: string;
  readonly rendition: string;
}

/** A clip or a transition: a part of the picture. */
export interface ClipPart {
  readonly kind: "clip";
  readonly hash: string;
  readonly recipe:
    | { readonly case: "clip"; readonly value: ClipRecipe }
    | { readonly case: "transition"; readonly value: TransitionRecipe };
  readonly frames: number;
  /** As referred to by combinations. */
  readonly use: ClipUse;
  readonly origins: readonly Origin[];
  readonly textOrigins: readonly Origin[];
}

/** A displayed clip: the choice, its position, and the texts above it. */
export interface ShownClip {
  readonly video: ChosenVideo;
  readonly span: ClipSpan;
  readonly texts: readonly ShownText[];
  readonly holdFrames: number;
}

/** Settings of clips. */
export interface ClipSettings {
  readonly stage: Stage;
  /** Of a background picture. */
  readonly pictureSha256: string;
  readonly encoders: Encoders;
}

const ZOOMS: Partial<Record<Zoom, string>> = { [Zoom.IN]: "in", [Zoom.OUT]: "out" };
const KINDS: Partial<Record<TransitionKind, string>> = {
  [TransitionKind.CROSSFADE]: "crossfade",
  [TransitionKind.WIPE_LEFT]: "wipe-left",
  [TransitionKind.WIPE_RIGHT]: "wipe-right",
  [TransitionKind.WIPE_UP]: "wipe-up",
  [TransitionKind.WIPE_DOWN]: "wipe-down",
  [TransitionKind.DIP]: "dip",
};

/** A clip without the ends that transitions take: encoded once per choice. */
export function bodyPart(clip: ShownClip, settings: ClipSettings): ClipPart {
  const { span, holdFrames } = clip;
  const body = stretchRecipe(clip, span.fromBefore, span.frames - span.fromBefore - span.intoNext, settings);
  body.holdFrames = holdFrames;
  return partOf({ case: "clip", value: body }, body.frames + holdFrames, [clip]);
}

/** The transition between the bodies of two clips: encoded once per pair of neighbours. */
export function transitionPart(
  clip: ShownClip,
  next: ShownClip,
  { kind, color }: Transition,
  settings: ClipSettings,
): ClipPart {
  const { frames, intoNext } = clip.span;
  const between = create(TransitionRecipeSchema, {
    from: stretchRecipe(clip, frames - intoNext, intoNext, settings),
    to: stretchRecipe(next, 0, intoNext, settings),
    kind: KINDS[kind] ?? "crossfade",
    color: kind === TransitionKind.DIP ? color : "",
  });
  return partOf({ case: "transition", value: between }, intoNext, [clip, next]);
}

/** A stretch of a clip: `frames` from its frame `from` on. */
function stretchRecipe(
  { video, span, texts, holdFrames }: ShownClip,
  from: number,
  frames: number,
  { stage: { format, fit, background }, pictureSha256, encoders }: ClipSettings,
): ClipRecipe {
  const { stretch, sha256, choice } = video;
  const startSeconds = stretch.still ? 0 : stretch.startSeconds + framesToSeconds(from, format);
  const whole = frames === span.frames;
  return create(ClipRecipeSchema, {
    sourceSha256: sha256,
    still: stretch.still,
    format,
    fit: FITS[choice.fit] ?? fit,
    background,
    backgroundSha256: pictureSha256,
    startMicroseconds: BigInt(Math.round(startSeconds * 1e6)),
    frames,
    texts: texts.map(({ overlay }) => overlay),
    scale: stretch.still && choice.scale !== 1 ? (choice.scale ?? 0) : 0,
    zoom: stretch.still ? (ZOOMS[choice.zoom] ?? "") : "",
    ...(!whole && { framesBefore: from, framesWhole: span.frames + holdFrames }),
    encoder: texts.length > 0 ? `${encoders.clip}/${encoders.text}` : encoders.clip,
  });
}

function partOf(recipe: ClipPart["recipe"], frames: number, shown: readonly ShownClip[]): ClipPart {
  const hash =
    recipe.case === "clip"
      ? recipeHash("clip", ClipRecipeSchema, recipe.value)
      : recipeHash("clip", TransitionRecipeSchema, recipe.value);
  const { block = "", choice = "" } = shown[0]?.video.placed ?? {};
  return {
    kind: "clip",
    hash,
    recipe,
    frames,
    use: create(ClipUseSchema, { hash, block, choice }),
    origins: shown.map(({ video }) => video.need.origin),
    textOrigins: shown.flatMap(({ texts }) => texts.map(({ origin }) => origin)),
  };
}
