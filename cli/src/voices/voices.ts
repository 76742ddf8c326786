import type { CommandContext } from "../command-context.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

export interface VoicesFlags {
  server?: string;
  language?: string;
  engine?: string;
  gender?: string;
  tenant?: string;
  samples?: true;
  sha256?: string;
  json?: true;
}

type Context = Pick<CommandContext, "config" | "terminal">;

/** `polyreel voices`: lists voices, or adds or removes one. Returns the exit code. */
export async function voices(
  action: string,
  voice: string | undefined,
  { sha256, ...flags }: VoicesFlags,
  { config, terminal }: Context,
): Promise<number> {
  if (action === "list") {
    if (voice !== undefined)
      throw usage(`"list" takes no name, got "${voice}".`, "Use --language, --engine or --gender.");
    const { listVoices } = await import("./list-voices.js");
    await listVoices(flags, terminal);
    return exitCodes.delivered;
  }
  if (voice === undefined) {
    throw action === "add"
      ? usage("No voice is given.", "Give its .onnx file, or the https address of that.")
      : usage("No voice is given.", "Give its name; `polyreel voices --engine piper` lists them.");
  }
  if (action === "remove") {
    const { removeVoice } = await import("@polyreel/tts/engines");
    const { piperFolder } = await import("./local-engines.js");
    const name = await removeVoice(piperFolder(), voice);
    await terminal.print(flags.json ? `${JSON.stringify({ removed: name })}\n` : `Removed ${name}.\n`);
    return exitCodes.delivered;
  }
  const { addFromAddress } = await import("./add-voice.js");
  return addFromAddress(voice, { sha256, json: flags.json, allow: config.fetchAllow }, terminal);
}

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
