import { toJson } from "@bufbuild/protobuf";
import { AudioCodec, MediaContainer, type Transcode, TranscodeSchema, VideoCodec } from "@polyreel/contract";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface PresetsOptions {
  /** This machine if omitted. */
  server?: string;
  /** File of own ones on this machine. */
  file: string;
  json?: boolean | undefined;
}

type Listed = readonly (readonly [name: string, settings: Transcode])[];

/** `polyreel presets`: a table, or one JSON object. */
export async function listPresets({ server, file, json }: PresetsOptions, terminal: Terminal): Promise<void> {
  const presets = server === undefined ? await localPresets(file) : await serverPresets(server);
  if (json) {
    const plain = presets.map(([name, settings]) => ({ name, transcode: toJson(TranscodeSchema, settings) }));
    await terminal.print(`${JSON.stringify({ presets: plain })}\n`);
  } else {
    await terminal.print(`${table(presets).join("\n")}\n`);
  }
}

async function localPresets(file: string): Promise<Listed> {
  const { openPresets } = await import("@polyreel/gateway");
  return [...(await openPresets(file))];
}

async function serverPresets(server: string): Promise<Listed> {
  const { connectTo } = await import("../client/connection.js");
  const { call } = await import("../client/call.js");
  const connection = connectTo(server);
  try {
    const { presets } = await call(connection, connection.presets.listPresets({}));
    return presets.flatMap(({ name, transcode }) => (transcode ? [[name, transcode] as const] : []));
  } finally {
    connection.close();
  }
}

const table = (presets: Listed): string[] =>
  alignColumns([
    ["PRESET", "FILE", "PICTURE", "SIZE", "RATE"],
    ...presets.map(([name, one]) => [name, ...describe(one)]),
  ]);

/** Codecs that are not named follow from the container. */
function describe({ container, videoCodec, audioCodec, shortSide, width, height, ...rates }: Transcode): string[] {
  const isWebm = container === MediaContainer.WEBM;
  const video = videoCodec || (isWebm ? VideoCodec.VP9 : VideoCodec.H264);
  const audio = audioCodec || (isWebm ? AudioCodec.OPUS : AudioCodec.AAC);
  const size = shortSide ? `${shortSide}p` : width || height ? `${width || "?"}x${height || "?"}` : "as it is";
  return [
    lower(MediaContainer[container]),
    `${lower(VideoCodec[video])}, ${lower(AudioCodec[audio])}`,
    size,
    rateOf(rates),
  ];
}

function rateOf({ crf, videoKbps, maxVideoKbps, targetMegabytes }: Partial<Transcode>): string {
  if (targetMegabytes) return `${targetMegabytes} MB in all`;
  const quality = videoKbps ? `${videoKbps} kbit/s` : crf === undefined ? "" : `crf ${crf}`;
  return [quality, maxVideoKbps ? `at most ${maxVideoKbps} kbit/s` : ""].filter(Boolean).join(", ");
}

const lower = (name: string | undefined): string => (name ?? "").toLowerCase();
