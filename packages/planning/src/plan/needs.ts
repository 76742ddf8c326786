import { create } from "@bufbuild/protobuf";
import {
  type Block,
  type Canvas,
  type Origin,
  OriginSchema,
  type Source,
  type VoiceChoice,
  type VoiceRecipe,
  VoiceRecipeSchema,
} from "@polyreel/contract";
import { READING } from "@polyreel/media/speech";
import { recipeHash } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { fileNameOf } from "@polyreel/platform/web";
import { choicesOf } from "@polyreel/spec";
import { secondsOf } from "./stretch.js";

/** Media by stored bytes, or by the URL it is fetched from. */
export type SourceNeed = (
  | { readonly kind: "source"; readonly sha256: string }
  | { readonly kind: "url"; readonly url: string }
) & {
  /** A font is used as it is; media is probed. */
  readonly use: "media" | "font";
  readonly origin: Origin;
};

/** A line of speech. */
export interface VoiceNeed {
  readonly kind: "voice";
  /** Hash of `recipe`; that of the part depends on the voice's build, too: see `voicePart`. */
  readonly line: string;
  /** As the batch states it: without a build, and without a voice if the choice names none. */
  readonly recipe: VoiceRecipe;
  /** Of its text, by language. */
  readonly translations: Readonly<Record<string, string>>;
  /** Silence before it. */
  readonly pauseSeconds: number;
  readonly origin: Origin;
}

/** Something that must be resolved before combinations which use it can be planned. */
export type Need = SourceNeed | VoiceNeed;

export function needKey(need: Need): string {
  if (need.kind === "voice") return `voice:${need.line}`;
  return need.kind === "source" ? `${need.use}:${need.sha256}` : `${need.use}:${need.url}`;
}

/** The needs of a choice. */
export function needsOf(block: Block, position: number): Need[] {
  const place = { block: block.name, choice: choicesOf(block)[position]?.label ?? "" };
  if (block.kind.case === "voice") {
    const choice = block.kind.value.choices[position];
    return choice ? linesOf(choice, create(OriginSchema, place)) : [];
  }
  const source = sourceOf(block, position);
  const need = source && sourceNeed(source, place, block.kind.case === "text" ? "font" : "media");
  return need ? [need] : [];
}

/** The error of a choice whose source cannot be read; undefined otherwise. */
export function unreadable(block: Block, position: number): PolyreelError | undefined {
  const source = sourceOf(block, position);
  if (!source || source.location.case === "sha256" || source.location.case === "url") return undefined;
  return new PolyreelError("invalid", {
    block: block.name,
    choice: choicesOf(block)[position]?.label ?? "",
    reason: source.location.value ?? "The source is given neither by its SHA-256 nor by a URL.",
    remedy:
      "Check the path and that the file can be read, then submit the batch again: finished parts are reused. " +
      "A retry does not read local files.",
  });
}

export const backgroundNeed = ({ backgroundPicture, label }: Canvas): SourceNeed | undefined =>
  backgroundPicture && sourceNeed(backgroundPicture, { block: "canvas", choice: label }, "media");

function sourceOf(block: Block, position: number): Source | undefined {
  if (block.kind.case === "video") return block.kind.value.choices[position]?.media.value;
  if (block.kind.case === "input") return block.kind.value.choices[position]?.source;
  if (block.kind.case === "audio") return block.kind.value.choices[position]?.source;
  if (block.kind.case === "text") return block.kind.value.fontFile;
  return undefined;
}

/** The need of a source; undefined if it cannot be read. */
export function sourceNeed(
  source: Source,
  place: { block: string; choice: string },
  use: SourceNeed["use"],
): SourceNeed | undefined {
  const { name, location } = source;
  const shown = name || (location.case === "url" ? fileNameOf(location.value) : "");
  const origin = create(OriginSchema, { ...place, sourceName: shown });
  if (location.case === "sha256") return { kind: "source", sha256: location.value, use, origin };
  if (location.case === "url") return { kind: "url", url: location.value, use, origin };
  return undefined;
}

/** The lines of a voice choice, spoken one after the other; those without text are left out. */
function linesOf(choice: VoiceChoice, origin: Origin): VoiceNeed[] {
  const lines = [
    { ...choice, pauseSeconds: 0 },
    ...choice.next.map((line) => ({
      text: line.text,
      voice: line.voice || choice.voice,
      rate: line.rate || choice.rate,
      pitch: line.pitch || choice.pitch,
      settings: line.settings ?? choice.settings,
      translations: line.translations,
      pauseSeconds: secondsOf(line.pause),
    })),
  ];
  return lines
    .filter(({ text }) => text.trim() !== "")
    .map(({ text, voice, rate, pitch, settings, translations, pauseSeconds }) => {
      // The voice's own speed is represented by 0, so that there is one recipe for it.
      const recipe = create(VoiceRecipeSchema, { voice, text, rate: rate === 1 ? 0 : rate, pitch, reading: READING });
      if (settings) recipe.settings = settings;
      const line = recipeHash("voice", VoiceRecipeSchema, recipe);
      return { kind: "voice", line, recipe, translations, pauseSeconds, origin };
    });
}
