import { randomBytes } from "node:crypto";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";
import { listNotifications } from "./list-notifications.js";
import { resendNotifications } from "./resend-notifications.js";
import { testReceivers } from "./test-receivers.js";

export interface WebhooksFlags {
  server: string;
  state?: "waiting" | "sent" | "failed" | "stopped";
  secret: string;
  tenant?: string;
  json?: boolean;
}

/** Bytes of a new secret: the least that Standard Webhooks allows is 24. */
const SECRET_BYTES = 32;

/** `polyreel webhooks`: runs one of its actions. Returns the exit code. */
export async function webhooks(
  action: string,
  what: readonly string[],
  flags: WebhooksFlags,
  terminal: Terminal,
): Promise<number> {
  if (action === "secret") {
    await terminal.print(`whsec_${randomBytes(SECRET_BYTES).toString("base64")}\n`);
    return exitCodes.delivered;
  }
  const [first = ""] = what;
  if (action !== "resend" && what.length > 1) throw wrong(`\`webhooks ${action}\` takes one at a time.`, "Name one.");
  if (action !== "list" && first === "") throw wrong(`What is to be ${PAST[action]}?`, EXPECTED[action] ?? "");
  const connection = connectTo(flags.server);
  try {
    if (action === "list") await listNotifications(connection, first, flags, terminal);
    else if (action === "resend") await resendNotifications(connection, what, flags, terminal);
    else return await testReceivers(connection, first, flags, terminal);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

const PAST: Readonly<Record<string, string>> = { test: "tested", resend: "sent again" };
const EXPECTED: Readonly<Record<string, string>> = {
  test: "Give a batch id, a URL, or an e-mail address.",
  resend: "Give ids of notifications: `polyreel webhooks list` prints them.",
};

const wrong = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
