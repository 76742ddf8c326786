import { type RequestedKind, requestedKinds, type Stage } from "@polyreel/contract";
import { clip } from "./clip/clip-kind.js";
import { image } from "./image/image-kind.js";
import type { PartKind, RequestedPartKind } from "./part-kind.js";
import { pcm } from "./pcm/pcm-kind.js";
import { rendition } from "./rendition/rendition-kind.js";
import { sound } from "./sound/sound-kind.js";
import { voice } from "./voice/voice-kind.js";

/**
 * All kinds of part: the one list of them. A kind that a request has a recipe for does not compile until it is listed here;
 * everything else that depends on kinds is derived from this list.
 */
export const partKinds = { voice, clip, sound, image, rendition, pcm } as const satisfies Record<string, PartKind> & {
  readonly [K in RequestedKind]: RequestedPartKind<K>;
};

type PartKinds = typeof partKinds;

export type PartKindName = keyof PartKinds;

type Service = PartKinds[RequestedKind]["making"]["service"];

/** The kinds whose parts a service makes. */
export type KindMadeBy<S extends Service> = {
  [K in RequestedKind]: PartKinds[K]["making"]["service"] extends S ? K : never;
}[RequestedKind];

export const kindsMadeBy = <S extends Service>(service: S): KindMadeBy<S>[] =>
  requestedKinds.filter((kind): kind is KindMadeBy<S> => partKinds[kind].making.service === service);

export const isPartKind = (name: string): name is PartKindName => Object.hasOwn(partKinds, name);

/** The kind that is made in a stage of progress; undefined for other stages. */
export const kindOfStage = (stage: Stage): RequestedKind | undefined =>
  requestedKinds.find((kind) => partKinds[kind].stage === stage);

/** Name of a part of a kind, for people. */
export const labelOf = (kind: PartKindName): string => partKinds[kind].label;
