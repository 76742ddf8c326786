import { type RenditionRecipe, Stage, VideoCodec, VideoEncoder } from "@polyreel/contract";
import { markInputs } from "../mark-source.js";
import type { MediaRef } from "../media-ref.js";
import type { RequestedPartKind } from "../part-kind.js";

/** A file made of one medium, or a track: its payload is the file or its packets, its index what was found in it. */
export const rendition = {
  name: "rendition",
  label: "rendition",
  fromSources: true,
  index: { case: "rendition" },
  stage: Stage.RENDITION,
  recipes: { rendition: { inputs: inputsOfRendition, costClass: renditionClass } },
  cost: {
    unit: "megapixels",
    amount: ({ encodedMegapixels }) => encodedMegapixels,
    isCharged: true,
    // x264 medium; an encode also starts, probes and certifies.
    elsewhere: { each: 0.6, perUnit: 0.06 },
    bytesPerUnit: 11_000,
  },
  making: { service: "renderer", budget: "encode", load: () => import("./make-rendition.js") },
} as const satisfies RequestedPartKind<"rendition", "rendition", "rendition">;

function inputsOfRendition({ input, operation }: RenditionRecipe): MediaRef[] {
  const marks = operation.case === "transcode" ? markInputs(operation.value.watermark) : [];
  return [...mediumOf(input), ...marks.map((sha256) => ({ case: "source", sha256 }) as const)];
}

function mediumOf(input: RenditionRecipe["input"]): MediaRef[] {
  switch (input.case) {
    case "sourceSha256":
      return [{ case: "source", sha256: input.value }];
    case "clipHash":
      return [{ case: "part", part: { kind: "clip", hash: input.value } }];
    case "join": {
      const { clipHashes, soundHash } = input.value;
      const clips = clipHashes.map((hash) => ({ kind: "clip", hash }) as const);
      const parts = [...clips, ...(soundHash ? [{ kind: "sound", hash: soundHash } as const] : [])];
      return parts.map((part) => ({ case: "part", part }));
    }
    case undefined:
      return [];
  }
}

/** Encoders differ by several times; a soundtrack has no picture. */
function renditionClass({ input, operation }: RenditionRecipe): string {
  if (operation.case === "transcode" && input.case === "join" && input.value.clipHashes.length === 0)
    return "rendition sound";
  if (operation.case !== "transcode" && operation.case !== "compress") return `rendition ${operation.case ?? ""}`;
  const codec = (VideoCodec[operation.value.videoCodec] ?? "").toLowerCase();
  if (operation.case === "compress") return `rendition ${codec}`;
  const hardware = operation.value.encoder > 0 ? ` by ${VideoEncoder[operation.value.encoder]?.toLowerCase()}` : "";
  return `rendition ${codec} in ${operation.value.container}${hardware}`;
}
