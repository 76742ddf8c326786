import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import type { LoginFlags } from "./login.js";

/** `login`, `logout` and `whoami`. */
export function registerLogin(program: Command, { config, terminal, exit }: CommandContext): void {
  const server = ["-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl] as const;
  program
    .command("login")
    .description("sign in at a server, by email address and password or at a provider")
    .option(...server)
    .option("--email <address>", "whose password it is; asked for otherwise")
    .option("--provider <name>", "sign in there, by a browser; the server's only one by default")
    .option("--device", "type a code into a browser of any machine, instead of using one here")
    .option("--no-browser", "open no browser: print the address")
    .option("--token-stdin", "keep the key or token on standard input instead")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: LoginFlags) => {
      const { login } = await import("./login.js");
      exit(await login(flags, terminal));
    });
  program
    .command("logout")
    .description("end the session at a server")
    .option(...server)
    .action(async (flags: { server: string }) => {
      const { logout } = await import("./logout.js");
      exit(await logout(flags.server, terminal));
    });
  program
    .command("whoami")
    .description("print whom a server takes the caller for")
    .option(...server)
    .option("--json", "print JSON")
    .action(async (flags: { server: string; json?: boolean }) => {
      const { whoAmI } = await import("./who-am-i.js");
      exit(await whoAmI(flags.server, flags, terminal));
    });
}

const EXAMPLES = `
The password is asked for, or is the first line of standard input. Tokens are kept in polyreel/credentials.json below
$XDG_CONFIG_HOME (~/.config), and sent to this server only. POLYREEL_KEY comes before them.

Examples:
  polyreel login --server https://studio.example
  polyreel login --provider company --device
  polyreel login --email jane@studio.example < password.txt
`;
