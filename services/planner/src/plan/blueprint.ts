import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  type Block,
  choicesOf,
  type Format,
  FormatSchema,
  type Origin,
  OriginSchema,
  type Source,
  VoiceRecipeSchema,
} from "@polyreel/contract";
import { formatOf } from "@polyreel/media/clip/format.js";
import { recipeHash } from "@polyreel/media/parts/recipe-hash.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { shownUrl } from "../fetch/shown-url.js";
import { type Naming, namingOf } from "./naming.js";

/** Media by its bytes in the store, or by the address it is fetched from. */
export type SourceNeed =
  | { readonly kind: "source"; readonly sha256: string; readonly origin: Origin }
  | { readonly kind: "url"; readonly url: string; readonly origin: Origin };

/** Something that must be known of the world before combinations which use it can be planned. */
export type Need =
  | SourceNeed
  | {
      readonly kind: "voice";
      readonly hash: string;
      readonly voice: string;
      readonly text: string;
      readonly origin: Origin;
    };

export function needKey(need: Need): string {
  if (need.kind === "source") return `source:${need.sha256}`;
  return need.kind === "url" ? `url:${need.url}` : `voice:${need.hash}`;
}

/** A batch made ready for planning: what of it is the same for every combination. */
export interface Blueprint {
  readonly batch: Batch;
  readonly format: Format;
  /** Numbers of choices, block by block. */
  readonly sizes: readonly number[];
  readonly total: number;
  readonly naming: Naming;
  /** What each choice needs, by block and position; undefined: nothing. */
  readonly needs: readonly (readonly (Need | undefined)[])[];
  /** Choices that can't be made, whatever is known, by block and position. */
  readonly unreadable: readonly (readonly (PolyreelError | undefined)[])[];
}

/** Takes a batch as `normalizeBatch` gives it. */
export function blueprintOf(batch: Batch): Blueprint {
  const { canvas } = batch;
  if (!canvas) throw new PolyreelError("internal", "A batch was stored without its canvas.");
  const sizes = batch.blocks.map((block) => choicesOf(block).length);
  return {
    batch,
    format: create(FormatSchema, formatOf(canvas)),
    sizes,
    total: sizes.reduce((product, size) => product * size, 1),
    naming: namingOf(batch),
    needs: batch.blocks.map((block) => choicesOf(block).map((_, position) => needOf(block, position))),
    unreadable: batch.blocks.map((block) => choicesOf(block).map((_, position) => unreadableOf(block, position))),
  };
}

/** Every distinct need, in order of first use: what combinations come first need comes first. */
export function needsInOrder({ needs }: Blueprint): Need[] {
  const distinct = new Map<string, Need>();
  const firstChoices = needs.map((choices) => choices[0]);
  // Combinations count with the last block fastest, so its further choices are met before those of the blocks before it.
  const laterChoices = [...needs].reverse().flatMap((choices) => choices.slice(1));
  for (const need of [...firstChoices, ...laterChoices]) {
    if (need && !distinct.has(needKey(need))) distinct.set(needKey(need), need);
  }
  return [...distinct.values()];
}

function sourceOf(block: Block, position: number): Source | undefined {
  if (block.kind.case === "video") return block.kind.value.choices[position]?.media.value;
  if (block.kind.case === "audio") return block.kind.value.choices[position]?.source;
  return undefined;
}

/** What a source needs to be known; undefined where it can't be read. */
export function sourceNeed({ location }: Source, origin: Origin): SourceNeed | undefined {
  if (location.case === "sha256") return { kind: "source", sha256: location.value, origin };
  if (location.case === "url") return { kind: "url", url: location.value, origin };
  return undefined;
}

/** What failures call a source. An address goes by host and path: what follows may be a signature. */
export function shownName({ name, location }: Source): string {
  return name || (location.case === "url" ? shownUrl(location.value) : "");
}

function needOf(block: Block, position: number): Need | undefined {
  const choice = choicesOf(block)[position]?.label ?? "";
  const source = sourceOf(block, position);
  const origin = create(OriginSchema, { block: block.name, choice, sourceName: source ? shownName(source) : "" });
  const fromSource = source && sourceNeed(source, origin);
  if (fromSource) return fromSource;
  if (block.kind.case !== "voice") return undefined;
  const { text = "", voice = "" } = block.kind.value.choices[position] ?? {};
  if (text.trim() === "") return undefined;
  const hash = recipeHash("voice", VoiceRecipeSchema, create(VoiceRecipeSchema, { voice, text }));
  return { kind: "voice", hash, voice, text, origin };
}

function unreadableOf(block: Block, position: number): PolyreelError | undefined {
  const source = sourceOf(block, position);
  if (!source || source.location.case === "sha256" || source.location.case === "url") return undefined;
  return new PolyreelError("invalid", {
    block: block.name,
    choice: choicesOf(block)[position]?.label ?? "",
    reason: source.location.value ?? "The source is given neither by its SHA-256 nor by a URL.",
    remedy: "Check the path and that the file can be read, then submit again.",
  });
}
