import { durationMs, timestampDate } from "@bufbuild/protobuf/wkt";
import type { GetSourceResponse, ProbedStream } from "@polyreel/contract";
import { plainSourceDetails } from "@polyreel/spec/rows";
import { call } from "../client/call.js";
import { formatBytes, formatSeconds } from "../terminal/numbers.js";
import type { SourcesContext } from "./sources-context.js";

/** Prints one source with its probe. */
export async function showSource(
  sha256: string,
  { connection, terminal, flags, signal }: SourcesContext,
): Promise<void> {
  const { tenant = "" } = flags;
  const found = await call(connection, connection.sources.getSource({ tenant, sha256 }, { signal }));
  await terminal.print(flags.json ? `${JSON.stringify(plainSourceDetails(found))}\n` : `${lines(found).join("\n")}\n`);
}

function lines({ source, probe, probeFailure, usedBy }: GetSourceResponse): string[] {
  if (!source) return [];
  const { sha256, fileName, title, description, labels, sizeBytes, storedAt, lastUsedAt } = source;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["file", fileName],
    ["title", title],
    ["description", description],
    ["labels", labels.join(", ")],
    ["size", formatBytes(sizeBytes)],
    ["stored", storedAt && timestampDate(storedAt).toISOString()],
    ["last used", lastUsedAt && timestampDate(lastUsedAt).toISOString()],
    ["used by", usedBy.join(", ")],
    ["container", probe?.container],
    ["duration", probe?.duration && formatSeconds(durationMs(probe.duration) / 1000)],
    ...(probe?.streams ?? []).map((stream) => ["stream", streamText(stream)] as const),
    ["no probe", probeFailure?.reason],
  ];
  const shown = rows.flatMap(([name, text]) => (text ? [`  ${name.padEnd(WIDTH)}  ${text}`] : []));
  return [sha256, ...shown];
}

const WIDTH = 11;

function streamText({ codec, kind }: ProbedStream): string {
  if (kind.case === "picture") {
    const { width, height, frameRate, still } = kind.value;
    return `${codec}, ${width}x${height}${still ? ", still" : `, ${Number(frameRate.toFixed(3))} pictures a second`}`;
  }
  if (kind.case !== "sound") return codec;
  const { channels, sampleRate, language } = kind.value;
  return [`${codec}, ${channels} channels, ${sampleRate} Hz`, language].filter(Boolean).join(", ");
}
