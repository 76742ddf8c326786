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
import { READING, type Words } from "@polyreel/media/speech";
import { recipeHash } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { choicesOf } from "@polyreel/spec";
import { type RecordingNeed, recordedLine } from "./recorded-line.js";
import { type SourceNeed, sourceKey, sourceNeed } from "./source-needs.js";
import { secondsOf } from "./stretch.js";

/** A line of speech. */
export interface VoiceNeed {
  readonly kind: "voice";
  /** Hash of what the batch states; that of the part depends on the voice's build, too: see `voicePart`. */
  readonly line: string;
  /**
   * As the batch states it: without a build, and without a voice if the choice names none. Its text is what is spoken, but for the
   * words of lexicons.
   */
  readonly recipe: VoiceRecipe;
  /** How the batch says words. */
  readonly lexicon: Words;
  /** What captions and subtitles show. */
  readonly text: string;
  /** Of that text, by language. */
  readonly translations: Readonly<Record<string, string>>;
  /** Silence before it. */
  readonly pauseSeconds: number;
  readonly origin: Origin;
  /** It is recorded instead of spoken by a voice: see `recordingPart`. */
  readonly recording?: RecordingNeed;
}

/** Something that must be resolved before combinations which use it can be planned. */
export type Need = SourceNeed | VoiceNeed;

export const needKey = (need: Need): string => (need.kind === "voice" ? `voice:${need.line}` : sourceKey(need));

/** The needs of a choice; of a voice choice its lines first, then the sources of those that are recorded. */
export function needsOf(block: Block, position: number, lexicon: Words): Need[] {
  const place = { block: block.name, choice: choicesOf(block)[position]?.label ?? "" };
  if (block.kind.case === "voice") {
    const choice = block.kind.value.choices[position];
    const lines = choice ? linesOf(choice, create(OriginSchema, place), lexicon) : [];
    return [...lines, ...lines.flatMap(({ recording }) => [recording?.source ?? [], recording?.words ?? []].flat())];
  }
  const use = block.kind.case === "text" ? "font" : "media";
  return sourcesOf(block, position).flatMap((source) => sourceNeed(source, place, use) ?? []);
}

/** The error of a choice with a source that cannot be read; undefined otherwise. */
export function unreadable(block: Block, position: number): PolyreelError | undefined {
  const source = sourcesOf(block, position).find(
    ({ location }) => location.case !== "sha256" && location.case !== "url",
  );
  if (!source) return undefined;
  return new PolyreelError("invalid", {
    block: block.name,
    choice: choicesOf(block)[position]?.label ?? "",
    reason: source.location.value ?? "The source is given neither by its SHA-256 nor by a URL.",
    remedy:
      "Check the path and that the file can be read, then render the batch again. A submitted one can be retried: " +
      "`polyreel retry <batch id>` takes the file that is there now, and reuses finished parts.",
  });
}

export const backgroundNeed = ({ backgroundPicture, label }: Canvas): SourceNeed | undefined =>
  backgroundPicture && sourceNeed(backgroundPicture, { block: "canvas", choice: label }, "media");

function sourcesOf({ kind }: Block, position: number): Source[] {
  const given = (...sources: readonly (Source | undefined)[]) => sources.flatMap((source) => source ?? []);
  if (kind.case === "video") return given(kind.value.choices[position]?.media.value);
  if (kind.case === "input" || kind.case === "audio") return given(kind.value.choices[position]?.source);
  if (kind.case === "text") return given(kind.value.fontFile);
  const choice = kind.case === "voice" ? kind.value.choices[position] : undefined;
  return choice ? [choice, ...choice.next].flatMap(({ source, words }) => given(source, words)) : [];
}

/** The lines of a voice choice, spoken one after the other; those without text and recording are left out. */
function linesOf(choice: VoiceChoice, origin: Origin, lexicon: Words): VoiceNeed[] {
  const lines = [
    { ...choice, stated: choice, pauseSeconds: 0 },
    ...choice.next.map((line) => ({
      stated: line,
      text: line.text,
      say: line.say,
      voice: line.voice || choice.voice,
      rate: line.rate || choice.rate,
      pitch: line.pitch || choice.pitch,
      settings: line.settings ?? choice.settings,
      translations: line.translations,
      pauseSeconds: secondsOf(line.pause),
    })),
  ];
  return lines
    .filter(({ text, stated }) => text.trim() !== "" || stated.source)
    .flatMap(({ stated, text, say, voice, rate, pitch, settings, pauseSeconds }): VoiceNeed[] => {
      const { source, translations } = stated;
      if (source) {
        const recorded = recordedLine({ ...stated, source }, origin);
        if (!recorded) return [];
        const shown = { lexicon, text: recorded.recipe.text, translations, pauseSeconds };
        return [{ kind: "voice", ...recorded, ...shown, origin: recorded.recording.source.origin }];
      }
      const recipe = create(VoiceRecipeSchema, {
        ...{ voice, text: say || text, pitch, reading: READING },
        rate: rate === 1 ? 0 : rate, // The voice's own speed, so that there is one recipe for it.
      });
      if (settings) recipe.settings = settings;
      const line = recipeHash("voice", VoiceRecipeSchema, recipe);
      return [{ kind: "voice", line, recipe, lexicon, text, translations, pauseSeconds, origin }];
    });
}
