import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

export function registerInit(program: Command, { terminal }: CommandContext): void {
  program
    .command("init")
    .description("write a commented batch file to start from, and its schema, by which editors complete and check it")
    .argument("[file]", "where to write it", "batch.yaml")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string) => {
      const { writeTemplate } = await import("./template.js");
      for (const written of await writeTemplate(file)) await terminal.print(`${written}\n`);
      terminal.note(`Put the names of your files into it, then: polyreel render ${file} --out videos\n`);
    });
}

const EXAMPLES = `
Examples:
  polyreel init                 writes batch.yaml and batch.schema.json; a batch file that is there is left alone
  polyreel init sale/may.yaml
`;
