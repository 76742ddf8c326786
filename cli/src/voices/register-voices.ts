import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.js";
import type { VoicesFlags } from "./voices.js";

export function registerVoices(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("voices")
    .description("list the voices that a batch can name; add and remove local neural voices")
    .addArgument(new Argument("[action]", "what to do").choices(["list", "add", "remove"]).default("list"))
    .argument("[voice]", "add: the .onnx file of a Piper voice, or its https address; remove: its name")
    .option("-s, --server <url>", "list: those of a server; of this machine where left out")
    .option("--language <tag>", "list: those that speak a language: en lists en-US, too")
    .option("--engine <name>", "list: those of an engine or provider")
    .option("--gender <gender>", "list: female or male")
    .option("--tenant <name>", "list: those that a tenant may use")
    .option("--samples", "list: show where a sound of each voice is, if its provider has one")
    .option("--sha256 <checksum>", "add: refuse a model that has another one")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, voice: string | undefined, flags: VoicesFlags) => {
      const { voices } = await import("./voices.js");
      exit(await voices(action, voice, flags, { config, terminal }));
    });
}

const EXAMPLES = `
Examples:
  polyreel voices
  polyreel voices --language de --gender female
  polyreel voices add en_US-joe-medium.onnx
  polyreel voices add https://voices.example/en_US-joe-medium.onnx --sha256 3fa9...
  polyreel voices remove joe
  polyreel voices --json | jq -r '.voices[].name'
`;
