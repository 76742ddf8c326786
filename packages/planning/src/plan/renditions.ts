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
import { hardwareOf } from "@polyreel/media/rendition";
import { recipeHash } from "@polyreel/parts";
import { renditionTypeOf } from "@polyreel/spec";
import type { Encoders } from "./clips.js";
import { type Marks, markEngine } from "./marks.js";

/** A file that is a part of its own, and the output that it is. */
export interface RenditionPart {
  readonly kind: "rendition";
  readonly hash: string;
  readonly recipe: { readonly case: "rendition"; readonly value: RenditionRecipe };
  readonly origins: readonly Origin[];
  readonly plan: RenditionPlan;
}

/**
 * The renditions of a combination, by output: of its input, or of its join. Undefined for outputs that are none, and for
 * sound of a combination without any. Pure.
 */
export const renditionsOf = (
  outputs: readonly Output[],
  combination: Combination,
  encoders: Pick<Encoders, "rendition" | "text">,
  marks: Marks,
): (RenditionPart | undefined)[] =>
  outputs.map((output, number) => {
    const operation = operationOf(output);
    return operation && renditionOf(output, marked(operation, number, marks), combination, encoders);
  });

function renditionOf(
  output: Output,
  operation: Operation,
  combination: Combination,
  encoders: Pick<Encoders, "rendition" | "text">,
): RenditionPart | undefined {
  const type = renditionTypeOf(output);
  if (!type) return undefined;
  const { input, choices } = combination;
  if (!input && operation.case === "audio" && !combination.soundHash) return undefined;
  const transcode = operation.case === "transcode" ? operation.value : undefined;
  const hardware = transcode && hardwareOf(transcode.encoder);
  const watermark = transcode?.watermark;
  const value = create(RenditionRecipeSchema, {
    ...{
      operation,
      input: mediumOf(combination, operation.case),
      track: input?.track ?? 0,
      engine: [encoders.rendition, hardware, watermark && markEngine(watermark, encoders)].filter(Boolean).join("/"),
    },
  });
  const hash = recipeHash("rendition", RenditionRecipeSchema, value);
  const [{ block, choice } = { block: "", choice: "" }] = choices;
  return {
    ...{ kind: "rendition", hash, recipe: { case: "rendition", value } },
    origins: input ? [create(OriginSchema, { block, choice, sourceName: input.sourceName })] : [],
    plan: create(RenditionPlanSchema, { hash, contentType: type.contentType, operation: operation.case }),
  };
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
      return operation;
    default:
      return undefined;
  }
}

function mediumOf({ input, clips, soundHash }: Combination, operation: string): RenditionRecipe["input"] {
  if (input) return { case: "sourceSha256", value: input.sha256 };
  const clipHashes = operation === "audio" ? [] : clips.map(({ hash }) => hash);
  if (operation === "preview")
    return create(RenditionRecipeSchema, { input: { case: "join", value: { clipHashes } } }).input;
  return create(RenditionRecipeSchema, { input: { case: "join", value: { clipHashes, soundHash } } }).input;
}
