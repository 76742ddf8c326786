import { FailureCode, type ListVoicesResponse, type Voice, type VoiceRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { nearNames } from "@polyreel/spec";
import { speaksLanguage } from "./languages.js";

const NEAR_SHOWN = 3;

/** The voices that speech services list. */
export type VoiceListing = Pick<ListVoicesResponse, "voices" | "failures" | "defaultVoice">;

/** What a line states of its voice. */
export type StatedVoice = Partial<Pick<VoiceRecipe, "voice" | "settings">>;

/**
 * The listed voice of a line: that of its name, id or short name. A line without one is spoken by the default voice, or by the
 * first voice of the language that it states, if the default voice does not speak that.
 */
export function voiceOf(
  { voice: name = "", settings }: StatedVoice,
  { voices, defaultVoice }: Omit<VoiceListing, "failures">,
): Voice | undefined {
  const wanted = name || defaultVoice;
  if (wanted === "") return undefined;
  if (name === "" && settings?.language) {
    const speakers = voices.filter(({ language }) => speaksLanguage(language, settings.language));
    return speakers.find((voice) => voice.name === wanted) ?? speakers[0];
  }
  return (
    voices.find(({ name }) => name === wanted) ??
    voices.find(({ id }) => id === wanted) ??
    voices.find(({ shortName }) => shortName === wanted)
  );
}

/**
 * The error for a line whose voice cannot be resolved; an empty name means the default voice, or one of the line's language. `unavailable` if an engine
 * failed, because the voice may belong to it, or if no engine is installed; otherwise `invalid`.
 */
export function unknownVoice(
  { voice: name = "", settings }: StatedVoice,
  { voices, failures }: Omit<VoiceListing, "defaultVoice">,
): PolyreelError {
  const hint = didYouMean(name, voices);
  if (failures.length > 0) {
    const what = name === "" ? "There is no default voice" : `The voice "${name}" is not available`;
    return new PolyreelError(
      "unavailable",
      {
        reason: `${what}: ${failures.map(({ failure }) => failure?.reason ?? "").join(" ")}`,
        remedy: `${hint}${failures.map(({ failure }) => failure?.remedy ?? "").join(" ")} \`polyreel voices\` lists them.`,
      },
      { outage: false },
    );
  }
  if (voices.length === 0) return noEngine();
  if (name === "" && settings?.language) {
    return new PolyreelError("invalid", {
      field: "settings.language",
      reason: `No voice speaks the language "${settings.language}".`,
      remedy: "`polyreel voices` lists all voices with their languages.",
    });
  }
  return new PolyreelError("invalid", {
    reason: `The voice "${name}" is not installed.`,
    remedy: `${hint}\`polyreel voices\` lists all voices.`,
  });
}

/** The error for a voice that was listed when its line was planned, and is not any more. */
export const vanishedVoice = (name: string, { voices }: Pick<VoiceListing, "voices">): PolyreelError =>
  new PolyreelError("invalid", {
    field: "voice",
    code: FailureCode.NOT_FOUND,
    reason: `The voice "${name}" is gone: it was listed when this line was planned, and is not any more.`,
    remedy: `Give the line another voice. ${didYouMean(name, voices)}\`polyreel voices\` lists all voices.`,
  });

function didYouMean(name: string, voices: readonly Voice[]): string {
  const near = nearNames(
    name,
    voices.flatMap((listed) => [listed.name, listed.shortName]).filter((one) => one !== "" && one !== name),
    NEAR_SHOWN,
  );
  return near.length > 0 ? `Did you mean ${near.join(", ")}? ` : "";
}

const noEngine = (): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: "No speech engine is installed.",
      remedy:
        "Install flite or espeak-ng (Debian and Ubuntu: apt install flite espeak-ng; macOS: brew install espeak-ng).",
    },
    { outage: false },
  );
