import type { ClipRecipe, PartRequested } from "@polyreel/contract";

/** Hashes of the sources that a part is made from, each once. */
export function sourcesOf({ recipe }: Pick<PartRequested, "recipe">): string[] {
  switch (recipe.case) {
    case "clip":
      return distinct(ofClip(recipe.value));
    case "transition":
      return distinct([recipe.value.from, recipe.value.to].flatMap((clip) => (clip ? ofClip(clip) : [])));
    case "sound":
      return distinct(recipe.value.events.flatMap(({ input }) => (input.case === "sourceSha256" ? [input.value] : [])));
    case "voice":
    case undefined:
      return [];
  }
}

const ofClip = ({ sourceSha256, backgroundSha256, texts }: ClipRecipe): string[] =>
  [sourceSha256, backgroundSha256, ...texts.map(({ fontSha256 }) => fontSha256)].filter(Boolean);

const distinct = (hashes: readonly string[]): string[] => [...new Set(hashes)];
