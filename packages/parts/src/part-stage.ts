import type { PartFactName, PartRequested, RequestedKind } from "@polyreel/contract";
import type { StageOptions } from "@polyreel/pipeline";
import { partKinds } from "./kinds/part-kinds.js";
import type { PartMaker } from "./part-maker.js";

type Requests = StageOptions<PartFactName<"requested">>;

/** The stage that answers requests for parts of a kind. */
export function partStage<K extends RequestedKind>(
  kind: K,
  maker: PartMaker,
  { name, slots, handle }: Pick<Requests, "name" | "slots" | "handle">,
): StageOptions<`${K}.requested`> {
  const options: Requests = {
    name,
    slots,
    fact: `${kind}.requested`,
    over: "live-batches",
    about: ({ hash }: PartRequested) => ({ stage: partKinds[kind].stage, id: hash }),
    wanted: (fact) => maker.wanted(fact, kind),
    handle,
    giveUp: (request, error) => maker.fail(request, kind, error),
  };
  return options as unknown as StageOptions<`${K}.requested`>;
}
