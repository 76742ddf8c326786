import { create } from "@bufbuild/protobuf";
import {
  type InputUse,
  type Origin,
  OriginSchema,
  type Output,
  type RenditionPlan,
  RenditionPlanSchema,
  type RenditionRecipe,
  RenditionRecipeSchema,
} from "@polyreel/contract";
import { recipeHash } from "@polyreel/parts";
import { renditionTypeOf } from "@polyreel/spec";
import type { Encoders } from "./clips.js";

/** A file that is a part of its own, and the output that it is. */
export interface RenditionPart {
  readonly kind: "rendition";
  readonly hash: string;
  readonly recipe: { readonly case: "rendition"; readonly value: RenditionRecipe };
  readonly origins: readonly Origin[];
  readonly plan: RenditionPlan;
}

/** The renditions of an input, by output; undefined for outputs that are none. Pure. */
export const renditionsOfInput = (
  outputs: readonly Output[],
  { sha256, sourceName, track }: InputUse,
  place: Pick<Origin, "block" | "choice">,
  encoders: Pick<Encoders, "rendition">,
): (RenditionPart | undefined)[] =>
  outputs.map((output) => {
    const { operation } = output;
    const type = renditionTypeOf(output);
    if (!type || operation.case !== "transcode") return undefined;
    const value = create(RenditionRecipeSchema, {
      input: { case: "sourceSha256", value: sha256 },
      ...{ track, operation, engine: encoders.rendition },
    });
    const hash = recipeHash("rendition", RenditionRecipeSchema, value);
    return {
      ...{ kind: "rendition", hash, recipe: { case: "rendition", value } },
      origins: [create(OriginSchema, { ...place, sourceName })],
      plan: create(RenditionPlanSchema, { hash, contentType: type.contentType }),
    };
  });
