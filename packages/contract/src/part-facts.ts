import {
  PartFailedSchema,
  PartReadySchema,
  type PartRequested,
  PartRequestedSchema,
} from "./gen/polyreel/v1/events_pb.js";

/** A recipe by its case in a request: "clip". */
export type RecipeCase = NonNullable<PartRequested["recipe"]["case"]>;

/** Recipes that are requested under the noun of another kind: a transition is a clip made from two. */
const OTHER_RECIPES = ["transition"] as const satisfies readonly RecipeCase[];

/** A kind of part that batches request: the noun of its facts, and the case of its recipe. */
export type RequestedKind = Exclude<RecipeCase, (typeof OTHER_RECIPES)[number]>;

/** What is published of a part: it is requested, then it is ready or it failed. */
export type PartEvent = "requested" | "ready" | "failed";

export type PartFactName<E extends PartEvent = PartEvent> = `${RequestedKind}.${E}`;

const isRequestedKind = (name: string): name is RequestedKind => !OTHER_RECIPES.some((other) => other === name);

/** All kinds of part that batches request: those that a request has a recipe for. */
export const requestedKinds: readonly RequestedKind[] = PartRequestedSchema.oneofs.flatMap(({ fields }) =>
  fields.map(({ localName }) => localName).filter(isRequestedKind),
);

type PartFacts = Record<PartFactName<"requested">, typeof PartRequestedSchema> &
  Record<PartFactName<"ready">, typeof PartReadySchema> &
  Record<PartFactName<"failed">, typeof PartFailedSchema>;

/** The facts of every kind, with the messages they carry. */
export const partFacts = Object.fromEntries(
  requestedKinds.flatMap((kind) => [
    [`${kind}.requested`, PartRequestedSchema],
    [`${kind}.ready`, PartReadySchema],
    [`${kind}.failed`, PartFailedSchema],
  ]),
) as PartFacts;

/** A value for every kind of part that batches request. */
export const perKind = <T>(make: (kind: RequestedKind) => T): Record<RequestedKind, T> =>
  Object.fromEntries(requestedKinds.map((kind) => [kind, make(kind)])) as Record<RequestedKind, T>;

/** Whether a fact is about a part, of any kind; with an event, whether it is that event. */
export const isPartFact = <T extends { readonly name: string | undefined }, E extends PartEvent = PartEvent>(
  message: T,
  event?: E,
): message is Extract<T, { readonly name: PartFactName<E> }> =>
  message.name !== undefined &&
  Object.hasOwn(partFacts, message.name) &&
  (event === undefined || message.name.endsWith(`.${event}`));

/** The kind of part that a fact is about. */
export const kindOfFact = (name: PartFactName): RequestedKind => name.slice(0, name.indexOf(".")) as RequestedKind;
