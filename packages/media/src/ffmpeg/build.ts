import { PolyreelError } from "@polyreel/platform";
import { runFfmpeg } from "./run.js";
import { runProgram } from "./run-program.js";

/**
 * Versions of our encoder settings. Raise one if the same recipe would give other bytes than before: existing parts are
 * then no longer used, and never joined with new ones.
 */
const CLIP_SETTINGS = "h264-5";
const SOUND_SETTINGS = "aac-5";
const RENDITION_SETTINGS = "rendition-2";

/** `encoder` of a clip's recipe, such as "h264-5/ffmpeg 5.1.9/x264 164". */
export const clipEncoder = async (): Promise<string> => `${CLIP_SETTINGS}/${await ffmpegBuild()}`;

/** `encoder` of a soundtrack's recipe, such as "aac-5/ffmpeg 5.1.9"; the audio encoder is ffmpeg's own. */
export const soundEncoder = async (): Promise<string> => `${SOUND_SETTINGS}/${await ffmpegVersion()}`;

/** `engine` of a rendition's recipe, such as "rendition-2/ffmpeg 5.1.9/x264 164/libsvtav1": with the encoder of AV1. */
export async function renditionEngine(): Promise<string> {
  const [build, av1] = await Promise.all([ffmpegBuild(), av1Encoder()]);
  return `${RENDITION_SETTINGS}/${build}/${av1}`;
}

/** Determines ffmpeg's build ahead of the first plan, which would wait for three runs of ffmpeg; a plan reports failures. */
export function prepareEngines(): void {
  renditionEngine().catch(() => {});
}

/** SVT-AV1, or libaom, which is several times slower, where ffmpeg was built without it; determined once. */
export function av1Encoder(): Promise<"libsvtav1" | "libaom-av1"> {
  av1 ??= listEncoders().then(
    (listed) => (listed.includes(" libsvtav1 ") ? "libsvtav1" : "libaom-av1"),
    (error) => {
      av1 = undefined;
      throw error;
    },
  );
  return av1;
}

let av1: Promise<"libsvtav1" | "libaom-av1"> | undefined;
let version: Promise<string> | undefined;
let build: Promise<string> | undefined;

/** ffmpeg's version and libx264's build, such as "ffmpeg 5.1.9/x264 164"; determined once. */
export function ffmpegBuild(): Promise<string> {
  build ??= readBuild().catch((error) => {
    build = undefined; // Do not cache a failure.
    throw error;
  });
  return build;
}

/** Such as "ffmpeg 5.1.9"; determined once. */
export function ffmpegVersion(): Promise<string> {
  version ??= readVersion().catch((error) => {
    version = undefined;
    throw error;
  });
  return version;
}

const DEADLINE_SECONDS = 30;
const never = new AbortController().signal;

const readVersion = async (): Promise<string> => parseVersion(await outputOf("-version"));

/** The encoders of this ffmpeg as it lists them, each name between spaces. */
export const listEncoders = (): Promise<string> => outputOf("-hide_banner", "-encoders");

async function outputOf(...args: string[]): Promise<string> {
  let output = "";
  await runProgram("ffmpeg", args, {
    signal: never,
    deadlineSeconds: DEADLINE_SECONDS,
    stallSeconds: DEADLINE_SECONDS,
    maxFileBytes: 0, // It writes no files.
    onStdout: (chunk) => {
      output += chunk.toString("utf8");
    },
  });
  return output;
}

/** Extracts "ffmpeg 5.1.9-0+deb12u1" from the output of `ffmpeg -version`. */
export function parseVersion(output: string): string {
  const version = /^ffmpeg version (\S+)/.exec(output)?.[1];
  if (!version)
    throw new PolyreelError("unavailable", "ffmpeg does not report its version: is it really ffmpeg?", {
      outage: false,
    });
  return `ffmpeg ${version}`;
}

/** libx264 states its build only in encoded streams, so one small picture is encoded. */
async function readBuild(): Promise<string> {
  let encoded = "";
  const encoding = runFfmpeg({
    inputs: [{ lavfi: "color=size=16x16:duration=0.1" }],
    outputs: [{ stdout: true, options: ["-frames:v", "1", "-c:v", "libx264", "-f", "h264"] }],
    signal: never,
    deadlineSeconds: DEADLINE_SECONDS,
    maxOutputBytes: 1 << 20,
    onStdout: (chunk) => {
      encoded += chunk.toString("latin1");
    },
  });
  const [version] = await Promise.all([ffmpegVersion(), encoding.catch(withoutX264)]);
  return `${version}/x264 ${/x264 - core (\d+)/.exec(encoded)?.[1] ?? "unknown"}`;
}

function withoutX264(error: unknown): never {
  if (
    error instanceof PolyreelError &&
    /Unknown encoder|Encoder not found/.test(String((error.cause as Error)?.message))
  ) {
    throw new PolyreelError(
      "unavailable",
      {
        reason: "This ffmpeg has no libx264.",
        remedy: "Install an ffmpeg built with libx264, or set FFMPEG_PATH to one.",
      },
      { cause: error, outage: false },
    );
  }
  throw error;
}
