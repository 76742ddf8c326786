import type { PartRequested, RecipeCase } from "@polyreel/contract";
import type { ImageWorkers } from "@polyreel/media/image";
import type { SoundEncoder } from "@polyreel/media/sound";
import type { LimitFunction } from "p-limit";
import type { MadePart, Making, PartMaker } from "../part-maker.js";
import type { PartStore } from "../part-store.js";
import type { Sources } from "../sources/sources.js";
import type { RecipeOf } from "./part-kind.js";

/** Tools of the renderer that the makers of all parts share. */
export interface Tools {
  /** Makes parts that only other parts need. */
  readonly maker: PartMaker;
  readonly encoder: SoundEncoder;
  readonly images: ImageWorkers;
  /** Limits how many sources are decoded at the same time. */
  readonly decoding: LimitFunction;
}

/** Tools and context for making one part. */
export interface Workshop extends Making, Tools {
  readonly tenant: string;
  /** The tenant's. */
  readonly parts: PartStore;
  readonly sources: Sources;
  /** Links the trace of the making to those of the parts it uses. */
  link(traceparents: readonly string[]): void;
}

/** Makes the part of a recipe. Throws PolyreelError with the block and choice that the request names. */
export type MakePart<R extends RecipeCase> = (
  recipe: RecipeOf<R>,
  request: PartRequested,
  workshop: Workshop,
) => Promise<MadePart>;
