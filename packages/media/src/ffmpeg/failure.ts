import { type ErrorCode, PolyreelError, sourceError } from "@polyreel/platform";
import type { Program } from "./child.js";
import type { Ending } from "./run-program.js";

/** The complete output of a failed run, for the log; users see the PolyreelError that has it as its cause. */
export class ProgramFailure extends Error {
  override readonly name = "ProgramFailure";

  constructor(
    readonly program: Program,
    readonly args: readonly string[],
    readonly ending: Ending,
  ) {
    const how = ending.signal ? `was ended by ${ending.signal}` : `exited with code ${ending.code}`;
    super(`${program} ${how}\n${ending.stderr}`);
  }
}

/** ffmpeg 5 exits with 0 if the last buffered bytes of an output cannot be written: it only logs that. */
export const lostLastBytes = ({ stderr }: Ending): boolean =>
  /\[(error|fatal)\].*(No space left on device|Disk quota exceeded)/.test(stderr);

/** Known messages of ffmpeg, whose fault they are, and the message for users. The first match counts. */
const KNOWN: readonly { pattern: RegExp; code: ErrorCode; outage?: true; reason: string; remedy: string }[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/,
    code: "exhausted",
    outage: true,
    reason: "The disk is full.",
    remedy: "Free space in the folder of temporary files.",
  },
  {
    // Logged before it reports being out of memory, which is how it signals this.
    pattern: /Number of streams exceeds max_streams/,
    code: "invalid",
    reason: "The file has more streams than are accepted.",
    remedy: "Use a file with one picture and one sound, as players do.",
  },
  {
    pattern: /Cannot allocate memory/,
    code: "exhausted",
    reason: "ffmpeg ran out of the memory that it may take.",
    remedy: "Use a smaller source, or render on a machine with more memory.",
  },
  {
    pattern: /moov atom not found/,
    code: "invalid",
    reason: "The file is incomplete: its index is missing, as in an interrupted download or recording.",
    remedy: "Fetch or record it again.",
  },
  {
    pattern: /Codec \(.*\) not on whitelist/,
    code: "invalid",
    reason: "The file has a picture or sound in a codec that is not accepted.",
    remedy: "Convert it to H.264, VP9, AAC or another common codec first.",
  },
  {
    pattern: /Format not on whitelist|Protocol '.*' not on whitelist/,
    code: "invalid",
    reason: "The file is of a format that is not accepted.",
    remedy: "Use MP4, MOV, WebM or MKV for video, MP3, WAV, FLAC or M4A for sound, JPEG, PNG or WebP for stills.",
  },
  {
    pattern: /No such filter:|Unknown encoder/,
    code: "unavailable",
    reason: "This ffmpeg lacks a filter or an encoder that Polyreel needs.",
    remedy: "Install a full build (Debian and Ubuntu: apt install ffmpeg), or set FFMPEG_PATH to one.",
  },
  {
    // ffmpeg knows the codec, but found nothing that it could decode.
    pattern: /could not find codec parameters for stream \d+ \((Video|Audio): (?!none|unknown)/i,
    code: "invalid",
    reason: "The file is damaged: its pictures or its sound cannot be decoded.",
    remedy: "Check that it plays, and fetch or export it again.",
  },
  {
    pattern: /Decoder .* not found|Unknown decoder|could not find codec parameters|no decoder found/i,
    code: "invalid",
    reason: "The file uses a codec that this ffmpeg cannot decode.",
    remedy: "Convert it to H.264, VP9 or another common codec first, or use an ffmpeg that has the codec.",
  },
  {
    pattern: /Invalid data found when processing input/,
    code: "invalid",
    reason: "The file is not media that ffmpeg can read, or it is damaged.",
    remedy: "Check that it plays, and convert it to a common format if it does.",
  },
  {
    pattern: /matches no streams|does not contain any stream/,
    code: "invalid",
    reason: "The file has no picture or sound of the kind that is needed.",
    remedy: "Use another file for this choice.",
  },
];

/** Signals of a crash. Any other signal came from outside. */
const CRASHES: ReadonlySet<NodeJS.Signals> = new Set(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS"]);

/** Classifies the failed exit of a program into an error for users. */
export function programError(program: Program, args: readonly string[], ending: Ending): PolyreelError {
  const cause = new ProgramFailure(program, args, ending);
  const known = KNOWN.find(({ pattern }) => pattern.test(ending.stderr));
  if (known) {
    const { code, outage = false, reason, remedy } = known;
    if (code === "invalid") return sourceError({ reason, remedy }, { cause });
    return new PolyreelError(code, { reason, remedy }, { cause, outage });
  }
  if (ending.signal && CRASHES.has(ending.signal)) {
    const reason = `${program} crashes on this file (${ending.signal}): it is damaged, or made to do harm.`;
    return sourceError({ reason, remedy: "Use another file, or a newer ffmpeg." }, { cause });
  }
  if (ending.signal === "SIGXFSZ") {
    const reason = `${program} was stopped: it wrote more than it was allowed.`;
    return new PolyreelError("exhausted", { reason, remedy: "Use a shorter or smaller source." }, { cause });
  }
  if (ending.signal) {
    const reason = `${program} was ended by ${ending.signal}.`;
    const remedy = "Try again; if it repeats, see what ends it: a machine short of memory does.";
    return new PolyreelError("unavailable", { reason, remedy }, { cause, outage: false });
  }
  const message = lastError(ending.stderr);
  return new PolyreelError(
    "internal",
    {
      reason: `${program} failed${message ? `: ${message}` : ""}.`,
      remedy: "See its whole output in the service's log.",
    },
    { cause },
  );
}

/** The last line of level error or fatal, without its tags and without paths of this machine. */
export const lastError = (stderr: string): string => withoutTags(errorLines(stderr).at(-1) ?? "");

/** The first such line: often the cause of those that follow. */
export const firstError = (stderr: string): string => withoutTags(errorLines(stderr)[0] ?? "");

const errorLines = (stderr: string): string[] => stderr.split("\n").filter((line) => /\[(error|fatal)\]/.test(line));

const withoutTags = (line: string): string =>
  line
    .replace(/\[[^\]]*\]\s*/g, "")
    .replace(/(file:)?\/[^\s:'"]+/g, "the file")
    .replace(/[.\s]+$/, "");
