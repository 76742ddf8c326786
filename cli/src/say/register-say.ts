import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { parseNumber } from "./parse-number.js";

interface SayFlags {
  voice: string;
  rate: number;
  pitch: number;
  tenant?: string;
  out: string;
  play: boolean;
}

export function registerSay(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command("say")
    .description("speak a text with a voice of this machine, into a WAV file")
    .argument("<text>", "what to speak")
    .option("--voice <name>", "a name or id that `polyreel voices` lists; the first one where left out", "")
    .option("--rate <number>", "speed, 1 for the voice's own", parseNumber, 1)
    .option("--pitch <semitones>", "from the voice's own pitch", parseNumber, 0)
    .option("--tenant <name>", "whose voices (those of `default` where left out)")
    .option("--out <file>", "the file to write", "speech.wav")
    .option("--no-play", "do not play it; it is played on a terminal, if a player is installed")
    .addHelpText("after", EXAMPLES)
    .action(async (text: string, flags: SayFlags) => {
      const { say } = await import("./say.js");
      exit(await say({ text, ...flags }, terminal));
    });
}

const EXAMPLES = `
A provider charges for every time: what is spoken here is not kept.

Examples:
  polyreel say "Half price today" --voice slt
  polyreel say "Half price today" --voice Rachel --rate 1.1 --out rachel.wav
`;
