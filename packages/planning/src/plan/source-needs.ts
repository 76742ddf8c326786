import { create } from "@bufbuild/protobuf";
import { type Origin, OriginSchema, type Source } from "@polyreel/contract";
import { fileNameOf } from "@polyreel/platform/web";

/** Media by stored bytes, or by the URL it is fetched from. */
export type SourceNeed = (
  | { readonly kind: "source"; readonly sha256: string }
  | { readonly kind: "url"; readonly url: string }
) & {
  /** Media is probed; fonts and texts are used as they are. */
  readonly use: "media" | "font" | "text";
  readonly origin: Origin;
};

export const sourceKey = (need: SourceNeed): string => `${need.use}:${need.kind === "source" ? need.sha256 : need.url}`;

/** The need of a source; undefined if it cannot be read. */
export function sourceNeed(
  source: Source,
  place: { block: string; choice: string },
  use: SourceNeed["use"],
): SourceNeed | undefined {
  const { name, location } = source;
  const shown = name || (location.case === "url" ? fileNameOf(location.value) : "");
  const origin = create(OriginSchema, { ...place, sourceName: shown });
  if (location.case === "sha256") return { kind: "source", sha256: location.value, use, origin };
  if (location.case === "url") return { kind: "url", url: location.value, use, origin };
  return undefined;
}
