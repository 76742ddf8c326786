import { posix } from "node:path";
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
  StoryboardSchema,
  TranscodeSchema,
} from "@polyreel/contract";
import { hardwareOf } from "@polyreel/media/rendition";
import { recipeHash } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
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
 * The rendition of a combination for one of its outputs: of its input, or of its join. Undefined for outputs that are none,
 * and for sound of a combination without any. `fileNames`: of the outputs. Pure.
 */
export function wholeRendition(
  outputs: readonly Output[],
  number: number,
  combination: Combination,
  fileNames: readonly string[],
  encoders: Pick<Encoders, "rendition" | "text">,
  marks: Marks,
): WholeRendition | undefined {
  const output = outputs[number];
  const operation = output && operationOf(output, number, outputs, fileNames);
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
  const transcode = operation.case === "transcode" ? operation.value : undefined;
  const hardware = transcode && hardwareOf(transcode.encoder);
  const watermark = transcode?.watermark;
  const value = create(RenditionRecipeSchema, {
    ...recipe,
    engine: [encoders.rendition, hardware, watermark && markEngine(watermark, encoders)].filter(Boolean).join("/"),
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
function operationOf(
  { operation }: Output,
  number: number,
  outputs: readonly Output[],
  fileNames: readonly string[],
): Operation | undefined {
  switch (operation.case) {
    case "transcode":
    case "compress":
    case "audio":
    case "metadata":
    case "preview":
    case "waveform":
      return operation;
    case "storyboard":
      return operation.value.cuesOf ? cuesOf(operation.value.cuesOf, number, outputs, fileNames) : operation;
    default:
      return undefined;
  }
}

/** Whether a file is made of sound alone. */
export const isOfSound = ({ case: operation }: RenditionRecipe["operation"]): boolean =>
  operation === "audio" || operation === "waveform";

/** The settings of a storyboard, with the path of its file from that of its cues. */
function cuesOf(name: string, number: number, outputs: readonly Output[], fileNames: readonly string[]): Operation {
  const of = outputs.findIndex((output) => output.name === name);
  const sheet = outputs[of]?.operation;
  if (sheet?.case !== "storyboard") throw new PolyreelError("internal", "Cues were planned without their storyboard.");
  const value = clone(StoryboardSchema, sheet.value);
  value.cuesOf = posix.relative(posix.dirname(fileNames[number] ?? ""), fileNames[of] ?? "");
  return { case: "storyboard", value };
}

function mediumOf({ input, clips, soundHash }: Combination, operation: Operation): RenditionRecipe["input"] {
  if (input) return { case: "sourceSha256", value: input.sha256 };
  const clipHashes = isOfSound(operation) ? [] : clips.map(({ hash }) => hash);
  if (operation.case === "preview" || operation.case === "storyboard")
    return create(RenditionRecipeSchema, { input: { case: "join", value: { clipHashes } } }).input;
  return create(RenditionRecipeSchema, { input: { case: "join", value: { clipHashes, soundHash } } }).input;
}
