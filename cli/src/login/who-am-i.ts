import { type GetCallerResponse, Role } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import type { Terminal } from "../terminal/terminal.js";

/** `polyreel whoami`. Returns the exit code. */
export async function whoAmI(server: string, { json }: { json?: boolean }, terminal: Terminal): Promise<number> {
  const connection = connectTo(server);
  try {
    const caller = await call(connection, connection.access.getCaller({}));
    const { email, tenant, key } = caller;
    const facts = { email, role: roleOf(caller), tenant, ...(key && { keyId: key.id, keyName: key.name }) };
    await terminal.print(json ? `${JSON.stringify(facts)}\n` : `${describeCaller(caller)}\n`);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

/** "jane@studio.example (editor of tenant acme)". */
export function describeCaller(caller: GetCallerResponse): string {
  const { email, key, tenant } = caller;
  const name = email || (key ? `the key ${key.id} "${key.name}"` : "nobody in particular");
  return `${name} (${roleOf(caller)}${tenant && ` of tenant ${tenant}`})`;
}

const roleOf = ({ role }: GetCallerResponse): string => (Role[role] ?? "unknown").toLowerCase();
