import { toJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Secret, SecretSchema } from "@polyreel/contract";
import { makeMasterKey } from "@polyreel/platform/secrets";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";
import { readValue } from "./read-value.js";

export interface SecretsFlags {
  readonly server: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

/** `polyreel secrets set | list | remove | rotate | keygen`. Returns the exit code. */
export async function secrets(
  action: string,
  name: string | undefined,
  flags: SecretsFlags,
  terminal: Terminal,
): Promise<number> {
  if (action === "keygen") {
    await terminal.print(`${makeMasterKey()}\n`);
    return exitCodes.delivered;
  }
  const connection = connectTo(flags.server);
  try {
    if (action === "rotate") return await rotate(connection, flags, terminal);
    if (action === "list") await list(connection, flags, terminal);
    else if (action === "set") await set(connection, named(name, action), flags, terminal);
    else await remove(connection, named(name, action), flags, terminal);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

function named(name: string | undefined, action: string): string {
  if (name !== undefined) return name;
  throw new ProblemsError(
    [{ what: "Which secret?", remedy: `Write: polyreel secrets ${action} NAME` }],
    exitCodes.usage,
  );
}

async function set(
  connection: Connection,
  name: string,
  { tenant = "", json }: SecretsFlags,
  terminal: Terminal,
): Promise<void> {
  const value = await readValue(name, terminal);
  const { secret } = await call(connection, connection.secrets.setSecret({ name, tenant, value }));
  if (!secret) return;
  if (json) return terminal.print(`${JSON.stringify(plain(secret))}\n`);
  terminal.note(`Set. Configuration files name it secret:${titleOf(secret)}; it takes effect within half a minute.\n`);
}

async function list(connection: Connection, { tenant = "", json }: SecretsFlags, terminal: Terminal): Promise<void> {
  const { secrets: listed } = await call(connection, connection.secrets.listSecrets({ tenant }));
  if (json) {
    for (const secret of listed) await terminal.print(`${JSON.stringify(plain(secret))}\n`);
    return;
  }
  if (listed.length === 0) return terminal.note("There are no secrets.\n");
  const rows = listed.map((secret) => [
    secret.name,
    secret.tenant || "all",
    secret.setAt ? timestampDate(secret.setAt).toISOString().slice(0, 16).replace("T", " ") : "damaged",
    secret.keyId,
    secret.needsRotation ? "needs rotation" : "",
  ]);
  await terminal.print(`${alignColumns([["NAME", "TENANT", "SET", "MASTER KEY", ""], ...rows]).join("\n")}\n`);
}

async function remove(
  connection: Connection,
  name: string,
  { tenant = "" }: SecretsFlags,
  terminal: Terminal,
): Promise<void> {
  await call(connection, connection.secrets.deleteSecret({ name, tenant }));
  terminal.note("Removed. Whatever needs it fails until it is set again.\n");
}

async function rotate(connection: Connection, { json }: SecretsFlags, terminal: Terminal): Promise<number> {
  const { rotated, failures } = await call(connection, connection.secrets.rotateSecrets({}));
  const shown = failures.map(({ name, tenant, reason, remedy }) => ({ name, tenant, reason, remedy }));
  if (json) await terminal.print(`${JSON.stringify({ rotated, failures: shown })}\n`);
  else terminal.note(`${rotated} ${rotated === 1 ? "secret is" : "secrets are"} encrypted anew.\n`);
  if (failures.length > 0) {
    throw new ProblemsError(
      shown.map(({ reason, remedy }) => ({ what: reason, remedy })),
      exitCodes.failed,
    );
  }
  terminal.note("All are encrypted by the first master key: the others are not needed any more.\n");
  return exitCodes.delivered;
}

const titleOf = ({ name, tenant }: Secret): string => (tenant === "" ? name : `${tenant}/${name}`);
const plain = (secret: Secret): object => toJson(SecretSchema, secret) as object;
