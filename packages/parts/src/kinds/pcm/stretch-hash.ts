import { create } from "@bufbuild/protobuf";
import { PcmRecipeSchema } from "@polyreel/contract";
import type { SoundStretch } from "@polyreel/media/sound";
import { recipeHash } from "../../recipe-hash.js";

/** Hash of a decoded stretch; `decoder`: as `soundEncoder` returns it. */
export const stretchHash = (stretch: SoundStretch, decoder: string): string =>
  recipeHash("pcm", PcmRecipeSchema, create(PcmRecipeSchema, { ...stretch, decoder }));
