import { s3SourceOf } from "@polyreel/contract";
import type { Choice } from "./choices.js";

/**
 * A choice's label: its own, or its text, or its source's name (or URL's path) without folder and extension, or its
 * position in the block, from 1.
 */
export function labelOf(choice: Choice, index: number): string {
  return choice.label || spokenOrShown(choice) || stem(sourceName(choice)) || String(index + 1);
}

/** A recording goes by its file, like other media. */
function spokenOrShown(choice: Choice): string {
  return "text" in choice && !("source" in choice && choice.source) ? choice.text.trim() : "";
}

function sourceName(choice: Choice): string {
  const source = "media" in choice ? choice.media.value : "source" in choice ? choice.source : undefined;
  if (!source) return "";
  return source.name || (source.location.case === "url" ? urlPath(source.location.value) : "");
}

/** Without host, query and fragment: the part that names a file, and may not contain a key. */
function urlPath(url: string): string {
  const object = s3SourceOf(url);
  if (object) return object.key;
  try {
    const { pathname } = new URL(url);
    return decodeURIComponent(pathname);
  } catch {
    return "";
  }
}

/** File names come from clients on any system, so both separators end a folder. A leading dot starts no extension. */
function stem(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  return base.replace(/(?<=.)\.[^.]*$/, "").trim();
}
