import type { Choice } from "./choices.js";

/**
 * The label a choice goes by: its own, else its text, else its source's name without folder and extension, else its
 * position in the block, from 1.
 */
export function labelOf(choice: Choice, index: number): string {
  return choice.label || spokenOrShown(choice) || stem(sourceName(choice)) || String(index + 1);
}

function spokenOrShown(choice: Choice): string {
  return "text" in choice ? choice.text.trim() : "";
}

function sourceName(choice: Choice): string {
  if ("media" in choice) return choice.media.value?.name ?? "";
  return "source" in choice ? (choice.source?.name ?? "") : "";
}

/** Clients on any system name files, so both separators end a folder. A leading dot begins no extension. */
function stem(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  return base.replace(/(?<=.)\.[^.]*$/, "").trim();
}
