import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PartIndex, PartReadySchema, PartRequested, RecipeCase, RequestedKind, Stage } from "@polyreel/contract";
import type { MediaRef } from "./media-ref.js";
import type { MakePart } from "./workshop.js";

type IndexCase = NonNullable<PartIndex["kind"]["case"]>;
type IndexOf<C extends IndexCase> = Extract<PartIndex["kind"], { case: C }>["value"];
export type RecipeOf<R extends RecipeCase> = Extract<PartRequested["recipe"], { case: R }>["value"];

/**
 * What every module needs to know of a kind of part: how its parts are stored, described, priced and called. It is data and
 * pure functions; what makes its parts is loaded by those who make them.
 */
export interface PartKind<Name extends string = string, Index extends IndexCase = IndexCase> {
  /** Names the folder that its parts lie in; of kinds that batches request, also the noun of their facts. */
  readonly name: Name;
  /** What people call such a part: "A soundtrack is missing from the store." */
  readonly label: string;
  /** The message that describes a payload. */
  readonly index: {
    readonly case: Index;
    /** How many bytes the payload must have; left out where the index does not determine it. */
    payloadBytes?(index: IndexOf<Index>): number;
  };
  /** Whether parts can hold bytes of sources: such parts go when a source turns out to be damaged. */
  readonly fromSources: boolean;
}

/** How to read a recipe. */
export interface RecipeReading<R extends RecipeCase> {
  /** What a part of this recipe is made from, as far as the store has it. Parts among it are made first. */
  inputs(recipe: RecipeOf<R>): readonly MediaRef[];
  /** Parts of one class cost about the same for each unit. Begins with the kind's name. */
  costClass(recipe: RecipeOf<R>): string;
}

/** What parts of a kind cost. */
interface PartCost<Index extends IndexCase> {
  /** What costs grow with: megapixels of all frames, or seconds of sound. */
  readonly unit: "megapixels" | "seconds";
  /** Of a part, in that unit. */
  amount(index: IndexOf<Index>): number;
  /** Whether makers are charged with all the CPU time that they take; otherwise parts share the time of the process. */
  readonly isCharged: boolean;
  /** Seconds of one core before anything was measured here: on a 2-core x86 machine with real footage. */
  readonly elsewhere: { readonly each: number; readonly perUnit: number };
  readonly bytesPerUnit: number;
}

/** Work that a service does at the same time, by what it takes of the machine. */
export type Budget = "encode" | "mix" | "light";

/** A kind of part that batches request: from the planner, by a fact, of the service that makes such parts. */
export interface RequestedPartKind<
  Name extends RequestedKind = RequestedKind,
  Index extends IndexCase = IndexCase,
  Recipe extends RecipeCase = never,
> extends PartKind<Name, Index> {
  /** As progress names the making. */
  readonly stage: Stage;
  readonly recipes: { readonly [R in Recipe]: RecipeReading<R> };
  readonly cost: PartCost<Index>;
  /** What its `ready` fact states besides the part. */
  ready?(index: IndexOf<Index>): MessageInitShape<typeof PartReadySchema>;
  /** Its maker lies beside it and is loaded by the renderer; or a service has it whose engines are its own. */
  readonly making:
    | { readonly service: "renderer"; readonly budget: Budget; load(): Promise<{ readonly make: Makers<Recipe> }> }
    | { readonly service: "tts" };
}

/** Makes a part of each recipe of a kind. */
export type Makers<Recipe extends RecipeCase = RecipeCase> = { readonly [R in Recipe]: MakePart<R> };
