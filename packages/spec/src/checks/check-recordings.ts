import type { Block, VoiceChoice, VoiceLine } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { checkSource } from "./check-source.js";

type Line = VoiceChoice | VoiceLine;
type Found = Omit<Mistake, "block" | "choice">;

/** Checks the lines of a voice block: what a voice speaks, and recordings. `at` is the block's own path. */
export function checkRecordings({ name, kind }: Block, at: string): Mistake[] {
  if (kind.case !== "voice") return [];
  return kind.value.choices.flatMap((choice, index) => {
    const path = `${at}.voice.choices[${index}]`;
    const found = [
      ...checkLine(choice, path),
      ...choice.next.flatMap((line, next) => checkNext(line, `${path}.next[${next}]`)),
    ];
    return found.map((mistake) => ({ ...mistake, block: name, choice: choice.label }));
  });
}

function checkNext(line: VoiceLine, path: string): Found[] {
  if (line.text === "" && !line.source) {
    const reason = "The line has neither a text nor a recording.";
    return [
      {
        field: `${path}.text`,
        reason,
        remedy: "Write a text to speak, give a recording as source, or take the line out.",
      },
    ];
  }
  // Sources of choices are checked with those of other blocks.
  return [...checkSource(line.source, `${path}.source`), ...checkLine(line, path)];
}

function checkLine(line: Line, path: string): Found[] {
  return [
    ...(line.source ? ofVoices(line, path) : ofRecordings(line, path)),
    ...checkSource(line.words, `${path}.words`),
  ];
}

/** Settings of voices beside a recording. */
function ofVoices({ voice, rate, pitch, settings }: Line, path: string): Found[] {
  const given = { voice: voice !== "", rate: rate !== 0, pitch: pitch !== 0, settings: settings !== undefined };
  return fieldsOf(given).map((field) => ({
    field: `${path}.${field}`,
    reason: `A recording is played as it is: ${field} is for a voice that speaks a text.`,
    remedy: `Leave out ${field}, or source. Lines under next can have voices of their own.`,
  }));
}

/** Settings of recordings beside a voice. */
function ofRecordings({ words, track, trim }: Line, path: string): Found[] {
  const given = { words: words !== undefined, track: track !== 0, trim: trim !== undefined };
  return fieldsOf(given).map((field) => ({
    field: `${path}.${field}`,
    reason: `There is no recording: ${field} is for one.`,
    remedy: `Give the recording as source, or leave out ${field}.`,
  }));
}

const fieldsOf = (given: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(given).flatMap(([field, isGiven]) => (isGiven ? [field] : []));
