import type { CelInput } from "@bufbuild/cel";
import type { Batch } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import type { Dimension } from "./dimensions.js";
import { GIVEN_METADATA } from "./rule-names.js";

/** Values of the names in a rule, by the digits of its own dimensions. One object, overwritten each time. */
export function valuesOf(
  { blocks, canvas, canvases }: Batch,
  dimensions: readonly Dimension[],
  own: readonly number[],
): (digits: ArrayLike<number>) => Record<string, CelInput> {
  const values: Record<string, CelInput> = Object.create(null); // Without a prototype: a block may be named "constructor".
  const choice = new Map<string, string>();
  const meta = new Map<string, ReadonlyMap<string, string>>();
  const given = new Map<string, ReadonlyMap<string, string>>();
  const described = blocks.map((block) => {
    const choices = choicesOf(block);
    const keys = new Set(choices.flatMap(({ metadata }) => Object.keys(metadata)));
    return choices.map(({ label, metadata }) => {
      const given = new Map(Object.entries(metadata));
      return { label, given, meta: new FilledMetadata(keys, given) };
    });
  });
  return (digits) => {
    for (const position of own) {
      for (const index of dimensions[position]?.blocks ?? []) {
        const name = blocks[index]?.name ?? "";
        const chosen = described[index]?.[digits[position] ?? 0];
        if (!chosen) continue;
        values[name] = chosen.label;
        choice.set(name, chosen.label);
        meta.set(name, chosen.meta);
        given.set(name, chosen.given);
      }
    }
    const several = dimensions[0]?.blocks.length === 0;
    values.canvas = (several ? canvases[digits[0] ?? 0] : canvas)?.label ?? "";
    return Object.assign(values, { choice, meta, [GIVEN_METADATA]: given });
  };
}

/** A choice's metadata, with empty strings for the other keys of its block; cached per block. */
class FilledMetadata extends Map<string, string> {
  constructor(
    private readonly all: ReadonlySet<string>,
    private readonly given: ReadonlyMap<string, string>,
  ) {
    super();
  }

  override get size(): number {
    return this.all.size;
  }

  override get(key: string): string | undefined {
    return this.given.get(key) ?? (this.all.has(key) ? "" : undefined);
  }

  override has(key: string): boolean {
    return this.all.has(key);
  }

  override keys(): MapIterator<string> {
    return this.all.keys();
  }

  override *values(): MapIterator<string> {
    for (const key of this.all) yield this.given.get(key) ?? "";
  }

  override *entries(): MapIterator<[string, string]> {
    for (const key of this.all) yield [key, this.given.get(key) ?? ""];
  }

  override [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
}
