import { create } from "@bufbuild/protobuf";
import {
  type ClipRecipe,
  ClipRecipeSchema,
  type Origin,
  type Transition,
  TransitionKind,
  type TransitionRecipe,
  TransitionRecipeSchema,
  Zoom,
} from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip/format.js";
import { recipeHash } from "@polyreel/media/parts/recipe-hash.js";
import type { Stage } from "./blueprint.js";
import type { ChosenVideo } from "./choose.js";
import type { ShownText } from "./texts.js";
import type { ClipSpan } from "./timeline.js";

/** The encoders' builds and settings, as they stand in recipes. */
export interface Encoders {
  readonly clip: string;
  readonly sound: string;
  /** What draws texts: in recipes of clips that have some. */
  readonly text: string;
}

/** A clip, or what lies between two: a part of the picture. */
export interface ClipPart {
  readonly kind: "clip";
  readonly hash: string;
  readonly recipe:
    | { readonly case: "clip"; readonly value: ClipRecipe }
    | { readonly case: "transition"; readonly value: TransitionRecipe };
  readonly frames: number;
  readonly block: string;
  readonly choice: string;
  readonly origins: readonly Origin[];
  readonly textOrigins: readonly Origin[];
}

/** A clip as it is shown: the choice, where it lies, and the texts over it. */
export interface ShownClip {
  readonly video: ChosenVideo;
  readonly span: ClipSpan;
  readonly texts: readonly ShownText[];
  readonly transition: Transition | undefined;
  readonly holdFrames: number;
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

/**
 * The parts that a picture is joined from, in order. A transition is a part of its own, between the bodies of the clips it
 * joins: it costs once for each pair of neighbours, and the bodies once for each choice.
 */
export function clipParts(
  shown: readonly ShownClip[],
  stage: Stage,
  pictureSha256: string,
  encoders: Encoders,
): ClipPart[] {
  return shown.flatMap((clip, i) => {
    const { span, holdFrames } = clip;
    const body = stretchRecipe(
      clip,
      span.fromBefore,
      span.frames - span.fromBefore - span.intoNext,
      stage,
      pictureSha256,
      encoders,
    );
    body.holdFrames = holdFrames;
    const parts = [partOf({ case: "clip", value: body }, body.frames + holdFrames, [clip])];
    const next = shown[i + 1];
    if (next && span.intoNext > 0 && clip.transition) {
      const between = create(TransitionRecipeSchema, {
        from: stretchRecipe(clip, span.frames - span.intoNext, span.intoNext, stage, pictureSha256, encoders),
        to: stretchRecipe(next, 0, span.intoNext, stage, pictureSha256, encoders),
        kind: KINDS[clip.transition.kind] ?? "crossfade",
        color: clip.transition.kind === TransitionKind.DIP ? clip.transition.color : "",
      });
      parts.push(partOf({ case: "transition", value: between }, span.intoNext, [clip, next]));
    }
    return parts;
  });
}

/** A stretch of a clip: `frames` from its frame `from` on. */
function stretchRecipe(
  { video, span, texts, holdFrames }: ShownClip,
  from: number,
  frames: number,
  { format, fit, background }: Stage,
  pictureSha256: string,
  encoders: Encoders,
): ClipRecipe {
  const { stretch, sha256, choice } = video;
  const startSeconds = stretch.still ? 0 : stretch.startSeconds + framesToSeconds(from, format);
  const whole = frames === span.frames;
  return create(ClipRecipeSchema, {
    sourceSha256: sha256,
    still: stretch.still,
    format,
    fit,
    background,
    backgroundSha256: pictureSha256,
    startMicroseconds: BigInt(Math.round(startSeconds * 1e6)),
    frames,
    texts: texts.map(({ overlay }) => overlay),
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
    block,
    choice,
    origins: shown.map(({ video }) => video.need.origin),
    textOrigins: shown.flatMap(({ texts }) => texts.map(({ origin }) => origin)),
  };
}
