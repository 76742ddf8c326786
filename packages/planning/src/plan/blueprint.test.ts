import { expect, it } from "vitest";
import { needsInOrder } from "./blueprint.js";
import { type Need, needKey } from "./needs.js";
import { bed, blueprint, hook, hook2, speaker } from "./testing/world.js";

it("orders needs by first use, without repeats", () => {
  const needs = needsInOrder(blueprint([hook, hook2(), speaker(), bed]));
  const name = (need: Need) => (need.kind === "voice" ? need.recipe.text : needKey(need).split(":")[1]?.[0]);
  expect(needs.map(name)).toEqual(["a", "Hello", "c", "b"]);
});
