import { stat } from "node:fs/promises";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { step } from "@polyreel/platform/telemetry";
import { fileUrl, MAX_PIXELS, untrusted } from "../ffmpeg/arguments.js";
import { runFfprobe } from "../ffmpeg/run.js";
import { withReadableStill } from "../heif/readable-still.js";
import { breaksOff } from "./breaks-off.js";
import { isMoving, pictureStream } from "./chosen-streams.js";
import { damagedMovie, refuseUndecodable } from "./damaged-movie.js";
import { assertDecodable } from "./decoding-work.js";
import type { FfprobeJson } from "./ffprobe-json.js";
import { type Findings, type Probe, parseProbe } from "./parse.js";
import { samplePictures } from "./sample-pictures.js";
import { scanPackets } from "./scan-packets.js";
import type { Sniffed } from "./sniff.js";
import { sniffFile } from "./sniff-file.js";
import { stillGamut } from "./still-gamut.js";
import { refuseTiles, refuseUnreadable, unreadable } from "./unreadable-format.js";

/**
 * Probes a media file: the statements of its header, corrected by all of its packets and a few of its pictures. Reads
 * the whole file, so it is done once per source (see source-probe.ts). Throws PolyreelError `invalid` with what is
 * wrong with the file and a remedy, `unavailable` if ffprobe is missing.
 */
export const probe = (path: string, { signal }: { signal: AbortSignal }): Promise<Probe> =>
  step("probe", () => probeFile(path, signal));

async function probeFile(path: string, signal: AbortSignal): Promise<Probe> {
  const sniffed = await sniffFile(path);
  refuse(sniffed);
  // The colour description and the size are taken from the original file.
  return withReadableStill(path, signal, async (readable) => {
    const found = await probeReadable(readable, signal);
    const { video } = found;
    if (video?.still && video.pixels && !video.pixels.hdr) {
      const { gamut, ...pixels } = video.pixels;
      const own = await stillGamut(path, sniffed, gamut);
      video.pixels = { ...pixels, ...(own && { gamut: own }) };
    }
    return readable === path ? found : { ...found, sizeBytes: (await stat(path)).size };
  });
}

async function probeReadable(path: string, signal: AbortSignal): Promise<Probe> {
  const sniffed = await sniffFile(path);
  refuseUnreadable(sniffed);
  const json = await ask(path, sniffed, signal);
  refuseTiles(sniffed, json);
  // Incomplete tables may contain no picture at all: truncation is reported first.
  refuseUndecodable(json, { breaksOff: await breaksOff(path, json.format?.format_name ?? "") });
  assertDecodable(parseProbe(json), json); // Unusable files are not scanned further.
  const findings = isMoving(json) ? await findingsOf(path, json, signal) : {};
  refuseUndecodable(json, findings);
  const found = parseProbe(json, findings);
  assertDecodable(found, json);
  const { video } = found;
  if (video && video.width * video.height > MAX_PIXELS) {
    throw sourceError({
      reason: `The picture has ${video.width}x${video.height} pixels, more than the ${MAX_PIXELS / 1e6} million allowed.`,
      remedy: "Make it smaller first.",
    });
  }
  return found;
}

/** Input options that force ffmpeg to the format found in the first bytes: for stills only, others are detected. */
export async function stillInputOptions(path: string): Promise<string[]> {
  return inputFormat(await sniffFile(path));
}

const inputFormat = (sniffed: Sniffed): string[] => (sniffed.kind === "still" ? ["-f", sniffed.demuxer] : []);

/**
 * Refuses files that can be explained better than by ffprobe. Text is left to it: subtitles and raw formats may look
 * like text.
 */
function refuse(sniffed: Sniffed): void {
  if (sniffed.kind === "empty") {
    throw sourceError({ reason: "The file is empty.", remedy: "Fetch or export it again." });
  }
  if (sniffed.kind === "svg") {
    throw sourceError({
      reason: "The file is an SVG drawing, which cannot be read as a picture.",
      remedy: "Export it as PNG first.",
    });
  }
}

/** Of these formats, a file with just one packet is a still. */
const COUNTED: ReadonlySet<Sniffed["kind"]> = new Set(["gif", "heif", "animatedWebp"]);

async function ask(path: string, sniffed: Sniffed, signal: AbortSignal): Promise<FfprobeJson> {
  const input = [...untrusted, ...inputFormat(sniffed), "-i", fileUrl(path)];
  // A still's picture is decoded: EXIF's orientation is reported with it, and truncation is detected.
  const decode = ["-err_detect", "explode", "-show_frames", "-read_intervals", "%+#1"];
  const still = sniffed.kind === "still" ? decode : [];
  const gif = COUNTED.has(sniffed.kind) ? ["-count_packets"] : [];
  // For everything else the first packet is requested: it shows whether the media is encrypted.
  const other = still.length + gif.length === 0 ? ["-show_packets", "-read_intervals", "%+#1"] : [];
  const shown = ["-show_format", "-show_streams", "-of", "json"];
  try {
    const json: FfprobeJson = JSON.parse(
      await runFfprobe([...still, ...gif, ...other, ...shown, ...input], { signal }),
    );
    if (sniffed.kind === "still" && !json.frames?.length) throw damagedPicture();
    return json;
  } catch (error) {
    throw unreadable(error, sniffed) ?? (await damagedMovie(error, path)) ?? explained(error, sniffed);
  }
}

const damagedPicture = () =>
  sourceError({
    reason: `The picture is damaged or incomplete, or has more than ${MAX_PIXELS / 1e6} million pixels.`,
    remedy: "Open it in an image editor and save it again.",
  });

const REASONS = {
  html: {
    reason: "The file is a web page, not media.",
    remedy: "Check the address: the site may have answered with an error page.",
  },
  playlist: {
    reason: "The file is a playlist: it holds no media of its own.",
    remedy: "Save what it plays as one file, an MP4 for instance, and use that.",
  },
  text: { reason: "The file is text, not media.", remedy: "Use a media file." },
};

/** ffprobe only reads the file, so an unknown failure is the file's fault. */
const UNREADABLE = {
  reason: "The file can't be read as media: it is damaged, or of another kind than its name suggests.",
  remedy: "Check that it plays, and convert it to a common format if it does.",
};

function explained(error: unknown, { kind }: Sniffed): unknown {
  if (!(error instanceof PolyreelError) || error.code === "cancelled" || error.code === "unavailable") return error;
  if (kind === "html" || kind === "playlist" || kind === "text") {
    return sourceError(REASONS[kind], { cause: error });
  }
  return error.code === "internal" ? sourceError(UNREADABLE, { cause: error }) : error;
}

/** Findings from the packets and pictures of moving media. */
async function findingsOf(path: string, json: FfprobeJson, signal: AbortSignal): Promise<Findings> {
  const { streams = [], format } = json;
  const container = format?.format_name ?? "";
  const scan = await scanPackets(path, { streams, container }, signal);
  const findings: Findings = { breaksOff: await breaksOff(path, container) };
  if (scan) findings.scan = scan;
  const picture = pictureStream(json);
  if (!picture) return findings;
  const { video } = parseProbe(json, findings);
  const times = {
    durationSeconds: video?.durationSeconds ?? 0,
    frameSeconds: video?.frameRate ? 1 / video.frameRate : 0,
    untimed: scan?.get(picture.index)?.untimed ?? false,
  };
  return { ...findings, pictures: await samplePictures(path, times, signal) };
}
