import type { Combination, JoinedTracks, OutputPlan, RequestedKind } from "@polyreel/contract";

/** A part by its kind and the hash of its recipe, whether it exists or not. */
export interface PartRef<K extends string = RequestedKind> {
  readonly kind: K;
  readonly hash: string;
}

/** An input of a part or an output: a source in the store, a part, or a join of clips with their soundtrack. */
export type MediaRef =
  | { readonly case: "source"; readonly sha256: string }
  | { readonly case: "part"; readonly part: PartRef }
  | { readonly case: "join"; readonly combination: Pick<Combination, "clips" | "soundHash"> };

/** The kinds of part that joins are made of. */
export type JoinedKind = "clip" | "sound";

/** The kinds of part that are the file of an output. */
export type FileKind = "image" | "rendition";

/** Hashes of the sources among them, each once. */
export const sourcesIn = (media: readonly MediaRef[]): string[] => [
  ...new Set(media.flatMap((one) => (one.case === "source" && one.sha256 ? one.sha256 : []))),
];

/** The parts among them, each once: those of a join in their order, the soundtrack last. */
export function partsIn(media: readonly MediaRef[]): PartRef[] {
  const distinct = new Map<string, PartRef>();
  for (const part of media.flatMap(partsOf)) distinct.set(`${part.kind} ${part.hash}`, part);
  return [...distinct.values()];
}

function partsOf(media: MediaRef): PartRef[] {
  switch (media.case) {
    case "source":
      return [];
    case "part":
      return [media.part];
    case "join":
      return partsOfJoin(media.combination);
  }
}

/** The clips of a combination in their order, then its soundtrack. */
export const partsOfJoin = ({ clips, soundHash }: Pick<Combination, "clips" | "soundHash">): PartRef<JoinedKind>[] => [
  ...clips.map(({ hash }) => ({ kind: "clip", hash }) as const),
  ...(soundHash ? [{ kind: "sound", hash: soundHash } as const] : []),
];

/** The part that is the file of a planned output; undefined for outputs that are laid out otherwise. */
export const partOfOutput = ({ operation }: Pick<OutputPlan, "operation">): PartRef<FileKind> | undefined =>
  (operation.case === "image" || operation.case === "rendition") && operation.value.hash
    ? { kind: operation.case, hash: operation.value.hash }
    : undefined;

/** The parts that a planned output names beside those of its combination: its file, or the tracks it is joined from. */
export function partsOfOutput(output: Pick<OutputPlan, "operation">): PartRef<FileKind>[] {
  const file = partOfOutput(output);
  const { operation } = output;
  const joined = operation.case === "rendition" ? operation.value.joined : undefined;
  return file ? [file] : joined ? tracksOf(joined) : [];
}

/** Renditions among the tracks of a file: those of its clips in their order, as often as they are used, then the sound. */
export const tracksOf = ({ clipHashes, soundRenditionHash }: JoinedTracks): PartRef<"rendition">[] =>
  [...clipHashes, ...(soundRenditionHash ? [soundRenditionHash] : [])].map((hash) => ({ kind: "rendition", hash }));
