import { toJson } from "@bufbuild/protobuf";
import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import { type Key, KeySchema, Role } from "@polyreel/contract";
import { parseSpan } from "@polyreel/platform";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface KeysFlags {
  readonly server: string;
  readonly role: string;
  readonly tenant?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

/** `polyreel keys create | list | revoke`. Returns the exit code. */
export async function keys(
  action: string,
  what: readonly string[],
  flags: KeysFlags,
  terminal: Terminal,
): Promise<number> {
  const connection = connectTo(flags.server);
  try {
    if (action === "create") await createKey(connection, what.join(" "), flags, terminal);
    else if (action === "list") await listKeys(connection, flags, terminal);
    else await revokeKeys(connection, what, flags, terminal);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

async function createKey(
  connection: Connection,
  name: string,
  { role, tenant = "", expires, json }: KeysFlags,
  terminal: Terminal,
): Promise<void> {
  if (name === "") throw usage("A key needs a name: what it is for.", 'Write: polyreel keys create "render farm"');
  const lifetime = expires === undefined ? undefined : durationFromMs(spanOf(expires));
  const request = { name, role: roles[role] ?? Role.UNSPECIFIED, tenant, ...(lifetime && { lifetime }) };
  const { key, secret } = await call(connection, connection.access.createKey(request));
  if (json) return terminal.print(`${JSON.stringify({ ...(key && plain(key)), secret })}\n`);
  terminal.note(key ? `${describe(key)}. It is shown only now:\n` : "");
  await terminal.print(`${secret}\n`);
}

async function listKeys(connection: Connection, { tenant = "", json }: KeysFlags, terminal: Terminal): Promise<void> {
  const { keys: listed } = await call(connection, connection.access.listKeys({ tenant }));
  if (json) {
    for (const key of listed) await terminal.print(`${JSON.stringify(plain(key))}\n`);
  } else if (listed.length === 0) {
    terminal.note("There are no keys.\n");
  } else {
    const rows = listed.map((key) => [
      key.id,
      key.name,
      roleName(key),
      key.tenant || "all",
      stateOf(key),
      lastUse(key),
    ]);
    await terminal.print(
      `${alignColumns([["ID", "NAME", "ROLE", "TENANT", "STATE", "LAST USED"], ...rows]).join("\n")}\n`,
    );
  }
}

async function revokeKeys(
  connection: Connection,
  ids: readonly string[],
  { json }: KeysFlags,
  terminal: Terminal,
): Promise<void> {
  if (ids.length === 0) throw usage("Which key?", "Name ids: polyreel keys list shows them.");
  for (const id of ids) {
    const { key } = await call(connection, connection.access.revokeKey({ id }));
    if (!key) continue;
    if (json) await terminal.print(`${JSON.stringify(plain(key))}\n`);
    else terminal.note(`${describe(key)} is revoked: within a minute every gateway refuses it.\n`);
  }
}

const roles: Readonly<Record<string, Role>> = {
  viewer: Role.VIEWER,
  editor: Role.EDITOR,
  admin: Role.ADMIN,
  operator: Role.OPERATOR,
};

const roleName = ({ role }: Key): string => (Role[role] ?? "unknown").toLowerCase();
const plain = (key: Key): object => toJson(KeySchema, key) as object;
const describe = (key: Key): string =>
  `Key ${key.id} "${key.name}" (${roleName(key)}${key.tenant && ` of tenant ${key.tenant}`})`;

const day = (date: Date): string => date.toISOString().slice(0, 10);
const lastUse = ({ lastUsedAt }: Key): string => (lastUsedAt ? day(timestampDate(lastUsedAt)) : "never");

function stateOf({ revokedAt, expiresAt }: Key): string {
  if (revokedAt) return `revoked ${day(timestampDate(revokedAt))}`;
  if (!expiresAt) return "valid";
  return `${timestampDate(expiresAt) <= new Date() ? "expired" : "until"} ${day(timestampDate(expiresAt))}`;
}

function spanOf(text: string): number {
  const ms = parseSpan(text);
  if (ms === undefined)
    throw usage(`--expires ${JSON.stringify(text)} is no span of time.`, "Write it as in 90d or 12h.");
  return ms;
}

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
