import { create, type DescMessage } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { PartRequestedSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { sourcesOf } from "./recipes.js";

/** Fills every field of a message that names a source, at any depth; returns the values. */
function fill(message: ReflectMessage, prefix: string): string[] {
  return message.fields.flatMap((field) => {
    const name = `${prefix}.${field.name}`;
    if (field.fieldKind === "scalar" && field.name.endsWith("sha256")) {
      message.set(field, name);
      return [name];
    }
    if (field.fieldKind === "message" && holdsSources(field.message)) {
      const inner = reflect(field.message);
      const names = fill(inner, name);
      if (names.length > 0) message.set(field, inner); // Others of a oneof must stay.
      return names;
    }
    if (field.fieldKind === "list" && field.listKind === "message" && holdsSources(field.message)) {
      const inner = reflect(field.message);
      const names = fill(inner, name);
      (message.get(field) as ReflectList).add(inner);
      return names;
    }
    return [];
  });
}

const holdsSources = (desc: DescMessage): boolean => desc.typeName.startsWith("polyreel.v1.");

const recipes = PartRequestedSchema.oneofs.flatMap(({ fields }) => fields.map(({ localName }) => localName));

it("supports the recipes of earlier releases", () => {
  expect(recipes).toEqual(expect.arrayContaining(["voice", "clip", "sound", "transition"]));
});

it.each(recipes)("names every source of a %s", (name) => {
  const request = reflect(PartRequestedSchema, create(PartRequestedSchema));
  const field = request.desc.fields.find(({ localName }) => localName === name);
  if (field?.fieldKind !== "message") throw new Error("no such recipe");
  const recipe = reflect(field.message);
  const names = fill(recipe, name);
  request.set(field, recipe);
  const found = sourcesOf(request.message as ReturnType<typeof create<typeof PartRequestedSchema>>);
  expect(found.sort()).toEqual(names.sort());
  const former: Record<string, number> = { clip: 3, transition: 6, sound: 1, voice: 2 };
  expect(names.length).toBe(former[name] ?? names.length);
});
