import { PolyreelError } from "@polyreel/platform";

/**
 * The words of a command line: those between white space, or the texts of a JSON list. Nothing is quoted or expanded: no
 * shell reads it. Empty without a command. Throws PolyreelError `invalid`.
 */
export function parseCommand(command: string): readonly string[] {
  const text = command.trim();
  if (!text.startsWith("[")) return text === "" ? [] : text.split(/\s+/);
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.length > 0 && words.every((word): word is string => typeof word === "string"))
      return words;
  } catch {
    // The same error as for other JSON.
  }
  throw new PolyreelError("invalid", {
    reason: "POLYREEL_VOICE_COMMAND is not a JSON list of texts.",
    remedy: 'Write it as in ["/opt/voice/speak", "--model", "my model"], or as words without quotes.',
  });
}
