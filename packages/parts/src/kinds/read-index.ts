import { fromBinary } from "@bufbuild/protobuf";
import { type PartIndex, PartIndexSchema } from "@polyreel/contract";
import { DamagedObject, readBytesIfAny, type Store } from "@polyreel/platform/blobs";
import type { PartKind } from "./part-kind.js";
import { type PartKindName, partKinds } from "./part-kinds.js";

/** The message that describes payloads of a kind. */
export type IndexOfKind<K extends PartKindName> = Extract<
  PartIndex["kind"],
  { case: (typeof partKinds)[K]["index"]["case"] }
>["value"];

/** Parses the index of a part; undefined if the bytes are no index of this kind. */
export function parseIndex(kind: PartKindName, stored: Uint8Array): PartIndex | undefined {
  try {
    const index = fromBinary(PartIndexSchema, stored);
    return describes(kind, index) ? index : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes to parse; none if they are damaged, undefined if the key does not exist. */
export async function readStoredIndex(
  store: Pick<Store, "read">,
  key: string,
  io?: { readonly signal?: AbortSignal },
): Promise<Uint8Array | undefined> {
  try {
    return await readBytesIfAny(store, key, io);
  } catch (error) {
    if (error instanceof DamagedObject) return new Uint8Array();
    throw error;
  }
}

/** The description of the payload in an index; undefined if it is no index of this kind. */
export const indexValue = <K extends PartKindName>(
  kind: K,
  index: Pick<PartIndex, "kind"> | undefined,
): IndexOfKind<K> | undefined =>
  index && describes(kind, index) ? (index.kind.value as IndexOfKind<K> | undefined) : undefined;

/** Undefined if an index describes a payload of this kind and size; otherwise the mismatch, for people. */
export function payloadMismatch(kind: PartKindName, index: PartIndex, sizeBytes: number): string | undefined {
  const { index: reading, label }: PartKind = partKinds[kind];
  const value = indexValue(kind, index);
  const described = value && (reading.payloadBytes ? reading.payloadBytes(value) : sizeBytes);
  if (described === sizeBytes) return undefined;
  return `The index of a ${label} describes ${described ?? "no"} bytes, its payload has ${sizeBytes}.`;
}

const describes = (kind: PartKindName, index: Pick<PartIndex, "kind">): boolean =>
  index.kind.case === partKinds[kind].index.case;
