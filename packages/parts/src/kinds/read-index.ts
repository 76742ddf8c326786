import { fromBinary } from "@bufbuild/protobuf";
import { type PartIndex, PartIndexSchema } from "@polyreel/contract";
import type { PartKind } from "./part-kind.js";
import { type PartKindName, partKinds } from "./part-kinds.js";

/** The message that describes payloads of a kind. */
export type IndexOfKind<K extends PartKindName> = Extract<
  PartIndex["kind"],
  { case: (typeof partKinds)[K]["index"]["case"] }
>["value"];

/** The index of a part of a kind; undefined where the bytes are no index of this kind. */
export function parseIndex(kind: PartKindName, stored: Uint8Array): PartIndex | undefined {
  try {
    const index = fromBinary(PartIndexSchema, stored);
    return describes(kind, index) ? index : undefined;
  } catch {
    return undefined;
  }
}

/** What an index states of its payload; undefined where it is no index of this kind. */
export const indexValue = <K extends PartKindName>(
  kind: K,
  index: Pick<PartIndex, "kind"> | undefined,
): IndexOfKind<K> | undefined =>
  index && describes(kind, index) ? (index.kind.value as IndexOfKind<K> | undefined) : undefined;

/** Whether an index describes a payload of a kind that has so many bytes; otherwise what it does describe, for people. */
export function payloadMismatch(kind: PartKindName, index: PartIndex, sizeBytes: number): string | undefined {
  const { index: reading, label }: PartKind = partKinds[kind];
  const value = indexValue(kind, index);
  const described = value && (reading.payloadBytes ? reading.payloadBytes(value) : sizeBytes);
  if (described === sizeBytes) return undefined;
  return `The index of a ${label} describes ${described ?? "no"} bytes, its payload has ${sizeBytes}.`;
}

const describes = (kind: PartKindName, index: Pick<PartIndex, "kind">): boolean =>
  index.kind.case === partKinds[kind].index.case;
