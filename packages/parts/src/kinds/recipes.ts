import { type PartRequested, type RecipeCase, type RequestedKind, requestedKinds } from "@polyreel/contract";
import { type MediaRef, sourcesIn } from "./media-ref.js";
import type { RecipeReading } from "./part-kind.js";
import { partKinds } from "./part-kinds.js";

type Recipe = Pick<PartRequested, "recipe">;

/** The recipes that kinds describe. */
type Described = { [K in RequestedKind]: keyof (typeof partKinds)[K]["recipes"] }[RequestedKind];

const readings = Object.assign({}, ...requestedKinds.map((kind) => partKinds[kind].recipes)) as {
  readonly [R in Described]: RecipeReading<R>;
};

/** Does not compile while a recipe of the contract belongs to no kind. */
const readingOf = (recipe: RecipeCase) => readings[recipe] as RecipeReading<RecipeCase>;

/** Inputs of the requested part. */
export const inputsOf = ({ recipe }: Recipe): readonly MediaRef[] =>
  recipe.case ? readingOf(recipe.case).inputs(recipe.value) : [];

/** Hashes of the sources that the requested part is made from, each once. */
export const sourcesOf = (request: Recipe): string[] => sourcesIn(inputsOf(request));

/** Cost class of the requested part. */
export const classOf = ({ recipe }: Recipe): string =>
  recipe.case ? readingOf(recipe.case).costClass(recipe.value) : "";
