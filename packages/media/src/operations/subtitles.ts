import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema, SubtitleFormat, type SubtitlesPlan } from "@polyreel/contract";
import type { Layout } from "../join/layout.js";
import { srt } from "./srt.js";
import { webVtt } from "./webvtt.js";

/** Subtitles as a layout of literal bytes; an empty subtitle file if there is no speech. */
export function layOutSubtitles({ cues, format }: Pick<SubtitlesPlan, "cues" | "format">): {
  layout: Layout;
  certificate: Certificate;
} {
  const header = Buffer.from(format === SubtitleFormat.VTT ? webVtt(cues) : srt(cues), "utf8");
  const sha256 = createHash("sha256").update(header).digest("hex");
  const startSeconds = (cues[0]?.startMilliseconds ?? 0) / 1000;
  const endSeconds = (cues.at(-1)?.endMilliseconds ?? 0) / 1000;
  return {
    layout: { header, segments: [], sizeBytes: header.length },
    certificate: create(CertificateSchema, {
      sizeBytes: BigInt(header.length),
      operation: { case: "subtitles", value: { sha256, cues: cues.length, startSeconds, endSeconds } },
    }),
  };
}
