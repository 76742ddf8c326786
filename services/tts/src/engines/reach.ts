import type { Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Reach, Span, SpeakRequest } from "./speech-engine.js";

export interface VoiceReach {
  readonly voice: Voice;
  readonly reach: Reach;
}

type Manner = Pick<SpeakRequest, "rate" | "pitch">;

/** How many voices a remedy names. */
const MOST = 5;

/**
 * Why a voice cannot speak so fast or so high, with the names of those of its language that can; undefined where it can.
 * Nothing is quietly left out: a line at another speed than asked for is another line.
 */
export function outOfReach(
  asked: Manner,
  voice: Voice,
  reach: Reach,
  others: readonly VoiceReach[],
): PolyreelError | undefined {
  const fast = within(asked.rate, reach.rate);
  if (fast && within(asked.pitch, reach.pitch)) return undefined;
  const able = others
    .filter((other) => within(asked.rate, other.reach.rate) && within(asked.pitch, other.reach.pitch))
    .filter((other) => language(other.voice) === language(voice))
    .map((other) => other.voice.name)
    .slice(0, MOST);
  const field = fast ? "pitch" : "rate";
  return new PolyreelError("invalid", {
    field,
    reason: fast ? pitchReason(voice, asked.pitch, reach.pitch) : rateReason(voice, asked.rate, reach.rate),
    remedy: `Change ${field}, or leave it out${able.length > 0 ? `, or choose a voice that can: ${able.join(", ")}` : ""}.`,
  });
}

const within = (value: number, [from, to]: Span): boolean => value >= from && value <= to;

/** "en" of "en-US". */
const language = ({ language }: Voice): string => language.split("-")[0] ?? "";

const rateReason = ({ name }: Voice, rate: number, [from, to]: Span): string =>
  `The voice "${name}" can speak at ${round(from)} to ${round(to)} times its own speed, not at ${round(rate)}.`;

const pitchReason = ({ name }: Voice, pitch: number, [from, to]: Span): string =>
  from === 0 && to === 0
    ? `The voice "${name}" cannot change its pitch.`
    : `The voice "${name}" can change its pitch by ${round(from)} to ${round(to)} semitones, not by ${round(pitch)}.`;

const round = (value: number): string => String(Math.round(value * 100) / 100);
