import type { PartRequested, RecipeCase } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { MadePart } from "../part-maker.js";
import { type KindMadeBy, labelOf, partKinds } from "./part-kinds.js";
import type { MakePart, Workshop } from "./workshop.js";

/** Makes requested parts of one kind. */
export type PartMaking = (request: PartRequested, workshop: Workshop) => Promise<MadePart>;

/** Loads the maker of a kind. The maker throws PolyreelError `internal` for a request without a recipe of the kind. */
export async function loadMaker(kind: KindMadeBy<"renderer">): Promise<PartMaking> {
  const { make } = await partKinds[kind].making.load();
  const makers = make as Partial<Record<RecipeCase, MakePart<RecipeCase>>>;
  return async (request, workshop) => {
    const { recipe } = request;
    const making = recipe.case && makers[recipe.case];
    if (!making) throw new PolyreelError("internal", `A ${labelOf(kind)} was requested without its recipe.`);
    return making(recipe.value, request, workshop);
  };
}
