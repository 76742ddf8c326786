import { durationMs, timestampDate } from "@bufbuild/protobuf/wkt";
import {
  type GetSourceResponse,
  type ProbedStream,
  SourceOrigin,
  type SourceProbe,
  type StoredSource,
} from "@polyreel/contract";
import { plainFailure } from "./plain-failure.js";

const ORIGINS: Readonly<Record<SourceOrigin, string>> = {
  [SourceOrigin.UNSPECIFIED]: "",
  [SourceOrigin.CALL]: "call",
  [SourceOrigin.PUT]: "put",
  [SourceOrigin.FORM]: "form",
  [SourceOrigin.RESUMABLE]: "resumable",
};

/** A source as plain JSON; empty texts are left out. */
export const plainSource = ({ sizeBytes, labels, origin, storedAt, lastUsedAt, ...source }: StoredSource) => ({
  sha256: source.sha256,
  tenant: source.tenant,
  sizeBytes: Number(sizeBytes),
  ...(source.fileName && { fileName: source.fileName }),
  ...(source.title && { title: source.title }),
  ...(source.description && { description: source.description }),
  labels,
  ...(ORIGINS[origin] && { origin: ORIGINS[origin] }),
  ...(storedAt && { storedAt: timestampDate(storedAt).toISOString() }),
  ...(lastUsedAt && { lastUsedAt: timestampDate(lastUsedAt).toISOString() }),
});

/** The same with its probe, or why there is none, and the batches that use it. */
export const plainSourceDetails = ({ source, probe, probeFailure, usedBy }: GetSourceResponse) => ({
  ...(source && plainSource(source)),
  ...(probe && { probe: plainProbe(probe) }),
  ...(probeFailure && { probeFailure: plainFailure(probeFailure) }),
  usedBy,
});

const plainProbe = ({ container, duration, streams }: SourceProbe) => ({
  container,
  durationSeconds: duration ? durationMs(duration) / 1000 : 0,
  streams: streams.map(plainStream),
});

const plainStream = ({ codec, duration, kind }: ProbedStream) => {
  const common = { codec, durationSeconds: duration ? durationMs(duration) / 1000 : 0 };
  if (kind.case === "picture") {
    const { width, height, frameRate, still } = kind.value;
    return { kind: "picture", ...common, width, height, frameRate, still };
  }
  if (kind.case !== "sound") return { kind: "unknown", ...common };
  const { channels, sampleRate, language } = kind.value;
  return { kind: "sound", ...common, channels, sampleRate, ...(language && { language }) };
};
