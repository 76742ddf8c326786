import { Argument, type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";

interface DriveFlags {
  client: string;
  out: string;
  force?: true;
  browser: boolean;
  scope: "drive.file" | "drive";
  endpoint?: string;
  json?: true;
}

export function registerDrive(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command("drive")
    .description("let Polyreel deliver to your Google Drive")
    .addArgument(new Argument("<action>", "what to do").choices(["login"]))
    .requiredOption("--client <file>", "the OAuth client of your Google project: client_secret.json")
    .option("-o, --out <file>", "where the credentials go", "drive.json")
    .option("--force", "replace that file")
    .option("--no-browser", "open no browser here: paste the address that yours was sent to")
    .addOption(
      new Option("--scope <scope>", "what Polyreel may use: its own files, or all, to deliver to existing folders")
        .choices(["drive.file", "drive"])
        .default("drive.file"),
    )
    .option("--endpoint <url>", "another address of Google's API, such as a proxy's")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (_action: string, flags: DriveFlags) => {
      const { driveLogin } = await import("./drive-login.js");
      exit(await driveLogin(flags, terminal));
    });
}

const EXAMPLES = `
Prints the address of Google's consent page, and opens it if this machine has a browser. Afterwards the credentials file lets
whoever can read it use your Drive: it is readable for you alone. See docs/guide/videos-to-google-drive.md.

Examples:
  polyreel drive login --client client_secret.json
  polyreel drive login --client client_secret.json --out /run/secrets/drive.json --force
  polyreel drive login --client client_secret.json --no-browser      on a machine without a browser
`;
