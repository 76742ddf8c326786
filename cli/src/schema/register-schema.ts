import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

export function registerSchema(program: Command, { terminal }: CommandContext): void {
  program
    .command("schema")
    .description("print the JSON Schema of batch files, by which editors complete and check them")
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const { batchSchemaText } = await import("@polyreel/spec/batch-file");
      await terminal.print(batchSchemaText());
    });
}

const EXAMPLES = `
A batch file names its schema in its first line (\`polyreel init\` writes both):
  # yaml-language-server: $schema=./batch.schema.json

Examples:
  polyreel schema > batch.schema.json
`;
