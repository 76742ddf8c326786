import type { Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Reach, Span, SpeakRequest } from "./speech-engine.js";

export interface VoiceReach {
  readonly voice: Voice;
  readonly reach: Reach;
}

type Prosody = Pick<SpeakRequest, "rate" | "pitch">;

/** Limit of voices in a remedy. */
const MOST = 5;

/**
 * The error if a voice cannot speak at the requested rate or pitch, with the names of voices of its language that can;
 * undefined if it can. A line is never silently spoken at another rate.
 */
export function outOfReach(
  requested: Prosody,
  voice: Voice,
  reach: Reach,
  others: readonly VoiceReach[],
): PolyreelError | undefined {
  const fast = within(requested.rate, reach.rate);
  if (fast && within(requested.pitch, reach.pitch)) return undefined;
  const suitable = others
    .filter((other) => within(requested.rate, other.reach.rate) && within(requested.pitch, other.reach.pitch))
    .filter((other) => language(other.voice) === language(voice))
    .map((other) => other.voice.name)
    .slice(0, MOST);
  const field = fast ? "pitch" : "rate";
  return new PolyreelError("invalid", {
    field,
    reason: fast ? pitchReason(voice, requested.pitch, reach.pitch) : rateReason(voice, requested.rate, reach.rate),
    remedy: `Change ${field}, or leave it out${suitable.length > 0 ? `, or choose a voice that can: ${suitable.join(", ")}` : ""}.`,
  });
}

const within = (value: number, [from, to]: Span): boolean => value >= from && value <= to;

/** The language of a tag: "en" of "en-US". */
const language = ({ language }: Voice): string => language.split("-")[0] ?? "";

const rateReason = ({ name }: Voice, rate: number, [from, to]: Span): string =>
  `The voice "${name}" can speak at ${round(from)} to ${round(to)} times its own speed, not at ${round(rate)}.`;

const pitchReason = ({ name }: Voice, pitch: number, [from, to]: Span): string =>
  from === 0 && to === 0
    ? `The voice "${name}" cannot change its pitch.`
    : `The voice "${name}" can change its pitch by ${round(from)} to ${round(to)} semitones, not by ${round(pitch)}.`;

const round = (value: number): string => String(Math.round(value * 100) / 100);
