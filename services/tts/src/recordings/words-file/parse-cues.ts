import { type TimedText, WordsFileMistake } from "./timed-text.js";

const TIME = String.raw`(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})`;
const TIMING = new RegExp(`^\\s*${TIME}\\s*-->\\s*${TIME}(?:\\s.*)?$`);
/** A time within a cue of WebVTT, from which on what follows it is spoken. */
const TIME_TAG = new RegExp(`<${TIME}>`);
/** More than an hour's words, each a cue of its own. */
const MAX_CUES = 10_000;
/** Characters of a cue with its tags. */
const MAX_CUE = 100_000;
/** Blocks of WebVTT that are no cues. */
const NO_CUE = /^(NOTE|STYLE|REGION)(\s|$)/;

/** Parses SRT or WebVTT: a phrase for each cue, or for each stretch of a cue between its time tags. Throws WordsFileMistake. */
export function parseCues(text: string): TimedText[] {
  const lines = text.split(/\r\n|\n|\r/);
  const found: TimedText[] = [];
  let isSkipping = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line.trim() === "") isSkipping = false;
    else if (NO_CUE.test(line)) isSkipping = true;
    if (isSkipping || !line.includes("-->")) continue;
    const timing = TIMING.exec(line);
    if (!timing)
      throw new WordsFileMistake(`line ${i + 1}`, "These are no times.", 'Write "00:00:01.000 --> 00:00:02.500".');
    const place = `line ${i + 1}`;
    const payload: string[] = [];
    while (i + 1 < lines.length && (lines[i + 1] ?? "").trim() !== "" && !(lines[i + 1] ?? "").includes("-->")) {
      payload.push(lines[++i] ?? "");
    }
    if (found.length >= MAX_CUES)
      throw new WordsFileMistake(place, `More than ${MAX_CUES} cues are too many.`, "Divide the recording.");
    const shown = payload.join(" ");
    if (shown.length > MAX_CUE) throw new WordsFileMistake(place, "The cue is too long.", "Divide it into several.");
    found.push(...stretches(shown, secondsOf(timing, 1), secondsOf(timing, 5), place));
  }
  return found;
}

/** The stretches of a cue between its time tags; without any, the whole cue. */
function stretches(payload: string, startSeconds: number, endSeconds: number, place: string): TimedText[] {
  // What a pattern captures is part of the result of split: the text, then the four groups of each tag with its text.
  const pieces = payload.split(TIME_TAG);
  const found: { text: string; startSeconds: number }[] = [{ text: pieces[0] ?? "", startSeconds }];
  for (let i = 1; i < pieces.length; i += 5) {
    found.push({ text: pieces[i + 4] ?? "", startSeconds: secondsOf(pieces, i) });
  }
  return found.map((piece, i) => ({
    ...{ text: shownText(piece.text), startSeconds: piece.startSeconds },
    endSeconds: found[i + 1]?.startSeconds ?? endSeconds,
    place,
  }));
}

/** Seconds of the four groups of TIME from `first` on. */
function secondsOf(groups: readonly (string | undefined)[], first: number): number {
  const [hours = "0", minutes, seconds, fraction = "0"] = groups.slice(first, first + 4);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(fraction.padEnd(3, "0")) / 1000;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  lrm: "",
  rlm: "",
  quot: '"',
};

/** Without tags, those of SRT's dialects too, and with characters for entities. */
const shownText = (text: string): string =>
  text
    .replace(/<\/?[A-Za-z][^<>]*>|<\/?>|\{\\[^{}]*\}/g, "")
    .replace(/&(\w{2,4});/g, (whole, name: string) => ENTITIES[name] ?? whole);
