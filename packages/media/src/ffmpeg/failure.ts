import { type ErrorCode, PolyreelError, sourceError } from "@polyreel/platform";
import type { Program } from "./child.js";
import type { Ending } from "./run-program.js";

/** What ended a run, whole, for the log; people get the PolyreelError that has it as its cause. */
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

/**
 * ffmpeg 5 ends as if all were well when the last bytes of an output, those it kept in memory, find no room: it says so, and
 * nothing more.
 */
export const lostItsEnd = ({ stderr }: Ending): boolean =>
  /\[(error|fatal)\].*(No space left on device|Disk quota exceeded)/.test(stderr);

/** What ffmpeg says, whose fault it is, and what people are told. The first that fits counts. */
const KNOWN: readonly { said: RegExp; code: ErrorCode; outage?: true; reason: string; remedy: string }[] = [
  {
    said: /No space left on device|Disk quota exceeded/,
    code: "exhausted",
    outage: true,
    reason: "The disk is full.",
    remedy: "Make room where Polyreel keeps its temporary files.",
  },
  {
    // Said before it runs out of memory, as it puts that.
    said: /Number of streams exceeds max_streams/,
    code: "invalid",
    reason: "The file has more streams than are accepted.",
    remedy: "Use a file with one picture and one sound, as players do.",
  },
  {
    said: /Cannot allocate memory/,
    code: "exhausted",
    reason: "ffmpeg ran out of the memory that it may take.",
    remedy: "Use a smaller source, or render on a machine with more memory.",
  },
  {
    said: /moov atom not found/,
    code: "invalid",
    reason: "The file is incomplete: its index is missing, as in an interrupted download or recording.",
    remedy: "Fetch or record it again.",
  },
  {
    said: /Codec \(.*\) not on whitelist/,
    code: "invalid",
    reason: "The file has a picture or sound in a codec that is not accepted.",
    remedy: "Convert it to H.264, VP9, AAC or another common codec first.",
  },
  {
    said: /Format not on whitelist|Protocol '.*' not on whitelist/,
    code: "invalid",
    reason: "The file is of a format that is not accepted.",
    remedy: "Use MP4, MOV, WebM or MKV for video, MP3, WAV, FLAC or M4A for sound, JPEG, PNG or WebP for stills.",
  },
  {
    said: /No such filter:|Unknown encoder/,
    code: "unavailable",
    reason: "This ffmpeg lacks a filter or an encoder that Polyreel needs.",
    remedy: "Install a full build (Debian and Ubuntu: apt install ffmpeg), or set FFMPEG_PATH to one.",
  },
  {
    // ffmpeg knows the codec, and found nothing that it could decode.
    said: /could not find codec parameters for stream \d+ \((Video|Audio): (?!none|unknown)/i,
    code: "invalid",
    reason: "The file is damaged: its pictures or its sound cannot be decoded.",
    remedy: "Check that it plays, and fetch or export it again.",
  },
  {
    said: /Decoder .* not found|Unknown decoder|could not find codec parameters|no decoder found/i,
    code: "invalid",
    reason: "The file uses a codec that this ffmpeg cannot decode.",
    remedy: "Convert it to H.264, VP9 or another common codec first, or use an ffmpeg that has the codec.",
  },
  {
    said: /Invalid data found when processing input/,
    code: "invalid",
    reason: "The file is not media that ffmpeg can read, or it is damaged.",
    remedy: "Check that it plays, and convert it to a common format if it does.",
  },
  {
    said: /matches no streams|does not contain any stream/,
    code: "invalid",
    reason: "The file has no picture or sound of the kind that is needed.",
    remedy: "Use another file for this choice.",
  },
];

/** Ways of crashing. What is killed otherwise was killed by somebody. */
const CRASHES: ReadonlySet<NodeJS.Signals> = new Set(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS"]);

/** A run that ended badly by itself, as people should read it. */
export function programError(program: Program, args: readonly string[], ending: Ending): PolyreelError {
  const cause = new ProgramFailure(program, args, ending);
  const known = KNOWN.find(({ said }) => said.test(ending.stderr));
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
  const said = lastError(ending.stderr);
  return new PolyreelError(
    "internal",
    { reason: `${program} failed${said ? `: ${said}` : ""}.`, remedy: "See its whole output in the service's log." },
    { cause },
  );
}

/** The last line with the level error or fatal, without its tags and without paths of this machine. */
export function lastError(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /\[(error|fatal)\]/.test(line));
  return (lines.at(-1) ?? "")
    .replace(/\[[^\]]*\]\s*/g, "")
    .replace(/(file:)?\/[^\s:'"]+/g, "the file")
    .replace(/[.\s]+$/, "");
}
