import { toJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Session, SessionSchema } from "@polyreel/contract";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface SessionsFlags {
  readonly server: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** `polyreel sessions list | revoke | rotate-key`. Returns the exit code. */
export async function sessions(
  action: string,
  ids: readonly string[],
  flags: SessionsFlags,
  terminal: Terminal,
): Promise<number> {
  const connection = connectTo(flags.server);
  try {
    if (action === "list") await listSessions(connection, flags, terminal);
    else if (action === "revoke") await revokeSessions(connection, ids, flags, terminal);
    else await rotateKey(connection, terminal);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

async function listSessions(connection: Connection, { user = "", json }: SessionsFlags, terminal: Terminal) {
  const { sessions: listed } = await call(connection, connection.sessions.listSessions({ user }));
  if (json) {
    for (const session of listed) await terminal.print(`${JSON.stringify(plain(session))}\n`);
  } else if (listed.length === 0) {
    terminal.note("There are no sessions.\n");
  } else {
    const rows = listed.map((session) => [
      session.id + (session.current ? " *" : ""),
      session.email,
      session.page ? "page" : "tokens",
      session.createdAt ? timestampDate(session.createdAt).toISOString().slice(0, 16).replace("T", " ") : "",
      session.client,
    ]);
    await terminal.print(`${alignColumns([["ID", "EMAIL", "BY", "SINCE (UTC)", "CLIENT"], ...rows]).join("\n")}\n`);
  }
}

async function revokeSessions(
  connection: Connection,
  ids: readonly string[],
  { json }: SessionsFlags,
  terminal: Terminal,
) {
  if (ids.length === 0) {
    const remedy = "Name ids: polyreel sessions list shows them.";
    throw new ProblemsError([{ what: "Which session?", remedy }], exitCodes.usage);
  }
  for (const id of ids) {
    const { session } = await call(connection, connection.sessions.revokeSession({ id }));
    if (session && json) await terminal.print(`${JSON.stringify(plain(session))}\n`);
    else if (session) terminal.note(`The session ${id} of ${session.email} ends within a minute.\n`);
  }
}

async function rotateKey(connection: Connection, terminal: Terminal) {
  const { keyId } = await call(connection, connection.sessions.rotateSigningKey({}));
  terminal.note(`The key ${keyId} signs tokens from now on.\n`);
}

const plain = (session: Session): object => toJson(SessionSchema, session) as object;
