import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PartIndex, PartReadySchema, PartRequested, RecipeCase, RequestedKind, Stage } from "@polyreel/contract";
import type { MediaRef } from "./media-ref.js";
import type { MakePart } from "./workshop.js";

type IndexCase = NonNullable<PartIndex["kind"]["case"]>;
type IndexOf<C extends IndexCase> = Extract<PartIndex["kind"], { case: C }>["value"];
export type RecipeOf<R extends RecipeCase> = Extract<PartRequested["recipe"], { case: R }>["value"];

/**
 * Properties of a kind of part that all modules share: how its parts are stored, described, priced and named. It is data
 * and pure functions; services that make such parts load the maker separately.
 */
export interface PartKind<Name extends string = string, Index extends IndexCase = IndexCase> {
  /** Name of the folder of its parts; for kinds that batches request, also the noun of their facts. */
  readonly name: Name;
  /** Name for people, as in "A soundtrack is missing from the store." */
  readonly label: string;
  /** The message that describes a payload. */
  readonly index: {
    readonly case: Index;
    /** Expected size of the payload; left out if the index does not determine it. */
    payloadBytes?(index: IndexOf<Index>): number;
  };
  /** Whether parts can contain bytes of sources: such parts are removed when a source turns out to be damaged. */
  readonly fromSources: boolean;
}

/** How to read a recipe. */
export interface RecipeReading<R extends RecipeCase> {
  /** The inputs of a part of this recipe that are in the store. Parts among them are made first. */
  inputs(recipe: RecipeOf<R>): readonly MediaRef[];
  /** Parts of one class cost about the same for each unit. Begins with the kind's name. */
  costClass(recipe: RecipeOf<R>): string;
}

/** Cost model of a kind. */
interface PartCost<Index extends IndexCase> {
  /** The quantity that costs grow with: megapixels of all frames, or seconds of sound. */
  readonly unit: "megapixels" | "seconds";
  /** A part's amount, in that unit. */
  amount(index: IndexOf<Index>): number;
  /** Whether makers are charged for all their CPU time; otherwise parts share the time of the process. */
  readonly isCharged: boolean;
  /** Default in seconds of one core, without local measurements: a 2-core x86 machine with real footage. */
  readonly elsewhere: { readonly each: number; readonly perUnit: number };
  readonly bytesPerUnit: number;
}

/** Class of concurrent work, by the load that it puts on the machine. */
export type Budget = "encode" | "mix" | "light";

/** A kind of part that batches request: the planner publishes a request fact to the service that makes such parts. */
export interface RequestedPartKind<
  Name extends RequestedKind = RequestedKind,
  Index extends IndexCase = IndexCase,
  Recipe extends RecipeCase = never,
> extends PartKind<Name, Index> {
  /** Name of the making in progress reports. */
  readonly stage: Stage;
  readonly recipes: { readonly [R in Recipe]: RecipeReading<R> };
  readonly cost: PartCost<Index>;
  /** Further fields of its `ready` fact. */
  ready?(index: IndexOf<Index>): MessageInitShape<typeof PartReadySchema>;
  /** The maker is next to it and loaded by the renderer, or part of a service with its own engines. */
  readonly making:
    | { readonly service: "renderer"; readonly budget: Budget; load(): Promise<{ readonly make: Makers<Recipe> }> }
    | { readonly service: "tts" };
}

/** Makes a part of each recipe of a kind. */
export type Makers<Recipe extends RecipeCase = RecipeCase> = { readonly [R in Recipe]: MakePart<R> };
