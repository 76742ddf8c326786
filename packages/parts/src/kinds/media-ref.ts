import type { Combination, RequestedKind } from "@polyreel/contract";

/** A part by its kind and the hash of its recipe, whether it exists or not. */
export interface PartRef<K extends string = RequestedKind> {
  readonly kind: K;
  readonly hash: string;
}

/** What parts and outputs are made from: a source in the store, a part, or a join of clips with their soundtrack. */
export type MediaRef =
  | { readonly case: "source"; readonly sha256: string }
  | { readonly case: "part"; readonly part: PartRef }
  | { readonly case: "join"; readonly combination: Pick<Combination, "clips" | "soundHash"> };

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
    case "join": {
      const { clips, soundHash } = media.combination;
      const sound: PartRef[] = soundHash ? [{ kind: "sound", hash: soundHash }] : [];
      return [...clips.map(({ hash }): PartRef => ({ kind: "clip", hash })), ...sound];
    }
  }
}
