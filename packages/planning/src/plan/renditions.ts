import { clone, create } from "@bufbuild/protobuf";
import {
  type Combination,
  type Origin,
  OriginSchema,
  type Output,
  type RenditionPlan,
  RenditionPlanSchema,
  type RenditionRecipe,
  RenditionRecipeSchema,
  TranscodeSchema,
} from "@polyreel/contract";
import { recipeHash } from "@polyreel/parts";
import { renditionTypeOf } from "@polyreel/spec";
import type { Encoders } from "./clips.js";
import { type Marks, markEngine } from "./marks.js";

/** What an operation makes of one medium. */
export interface RenditionPart {
  readonly kind: "rendition";
  readonly hash: string;
  readonly recipe: { readonly case: "rendition"; readonly value: RenditionRecipe };
  readonly origins: readonly Origin[];
}

/** A file that is a part of its own, and the output that it is. */
export interface WholeRendition extends RenditionPart {
  readonly plan: RenditionPlan;
}

/**
 * The rendition of a combination for an output: of its input, or of its join. Undefined for outputs that are none, and for
 * sound of a combination without any. Pure.
 */
export function wholeRendition(
  output: Output,
  number: number,
  combination: Combination,
  encoders: Pick<Encoders, "rendition" | "text">,
  marks: Marks,
): WholeRendition | undefined {
  const operation = operationOf(output);
  return operation && renditionOf(output, marked(operation, number, marks), combination, encoders);
}

function renditionOf(
  output: Output,
  operation: Operation,
  combination: Combination,
  encoders: Pick<Encoders, "rendition" | "text">,
): WholeRendition | undefined {
  const type = renditionTypeOf(output);
  if (!type) return undefined;
  const { input, choices } = combination;
  if (!input && isOfSound(operation) && !combination.soundHash) return undefined;
  const [{ block, choice } = { block: "", choice: "" }] = choices;
  const medium = { input: mediumOf(combination, operation), track: input?.track ?? 0 };
  const origins = input ? [create(OriginSchema, { block, choice, sourceName: input.sourceName })] : [];
  const part = renditionPart({ ...medium, operation }, origins, encoders);
  const { contentType } = type;
  return { ...part, plan: create(RenditionPlanSchema, { hash: part.hash, contentType, operation: operation.case }) };
}

/** The part of a recipe, whose engine is added. Pure. */
export function renditionPart(
  recipe: Pick<RenditionRecipe, "input" | "operation"> & { readonly track?: number },
  origins: readonly Origin[],
  encoders: Pick<Encoders, "rendition" | "text">,
): RenditionPart {
  const { operation } = recipe;
  const watermark = operation.case === "transcode" ? operation.value.watermark : undefined;
  const value = create(RenditionRecipeSchema, {
    ...recipe,
    engine: watermark ? `${encoders.rendition}/${markEngine(watermark, encoders)}` : encoders.rendition,
  });
  const hash = recipeHash("rendition", RenditionRecipeSchema, value);
  return { kind: "rendition", hash, recipe: { case: "rendition", value }, origins };
}

type Operation = Exclude<RenditionRecipe["operation"], { case: undefined }>;

/** With the watermark as recipes state it. */
function marked(operation: Operation, output: number, marks: Marks): Operation {
  if (operation.case !== "transcode" || !operation.value.watermark) return operation;
  const value = clone(TranscodeSchema, operation.value);
  value.watermark = marks.resolved(operation.value.watermark, output);
  return { case: "transcode", value };
}

/** The operation of a rendition; undefined for others. */
function operationOf({ operation }: Output): Operation | undefined {
  switch (operation.case) {
    case "transcode":
    case "compress":
    case "audio":
    case "metadata":
    case "preview":
    case "waveform":
      return operation;
    default:
      return undefined;
  }
}

/** Whether a file is made of sound alone. */
const isOfSound = (operation: Operation): boolean => operation.case === "audio" || operation.case === "waveform";

function mediumOf({ input, clips, soundHash }: Combination, operation: Operation): RenditionRecipe["input"] {
  if (input) return { case: "sourceSha256", value: input.sha256 };
  const clipHashes = isOfSound(operation) ? [] : clips.map(({ hash }) => hash);
  if (operation.case === "preview")
    return create(RenditionRecipeSchema, { input: { case: "join", value: { clipHashes } } }).input;
  return create(RenditionRecipeSchema, { input: { case: "join", value: { clipHashes, soundHash } } }).input;
}
