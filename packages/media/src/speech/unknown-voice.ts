import { FailureCode, type ListVoicesResponse, type Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { nearNames } from "@polyreel/spec";

const NEAR_SHOWN = 3;

/** The voices that speech services list. */
export type VoiceListing = Pick<ListVoicesResponse, "voices" | "failures" | "defaultVoice">;

/** The listed voice of a name or id; an empty one means the default voice. */
export function voiceNamed(name: string, { voices, defaultVoice }: Omit<VoiceListing, "failures">): Voice | undefined {
  const wanted = name || defaultVoice;
  return voices.find((voice) => voice.name === wanted) ?? voices.find(({ id }) => id !== "" && id === wanted);
}

/**
 * The error for a voice that cannot be resolved; an empty name means the default voice. `unavailable` if an engine
 * failed, because the voice may belong to it, or if no engine is installed; otherwise `invalid`.
 */
export function unknownVoice(name: string, { voices, failures }: Omit<VoiceListing, "defaultVoice">): PolyreelError {
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
    voices.map((listed) => listed.name).filter((one) => one !== name),
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
