import { create } from "@bufbuild/protobuf";
import { type ClipRecipe, ClipRecipeSchema } from "@polyreel/contract";
import { formatOf } from "@polyreel/media/clip";
import { FRAME_RATE, type Size } from "../scale.js";

/** The recipe of a whole piece of footage, contained in the canvas. */
export const clipRecipe = (size: Size, seconds: number): ClipRecipe =>
  create(ClipRecipeSchema, {
    format: formatOf({ ...size, frameRate: FRAME_RATE }),
    fit: "contain",
    background: "#000000",
    frames: Math.round(seconds * FRAME_RATE),
  });
