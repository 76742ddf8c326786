import { AsyncLocalStorage } from "node:async_hooks";
import type { Scope } from "../../../call/call.js";
import { plain } from "../rows.js";

/** The role of reads for one tenant, and the setting that names it. */
export const READER = "polyreel_reader";
export const TENANT_SETTING = "polyreel.tenant";

/** A tenant, or everything that is no read for one; `unknown` after a failure. */
type Session = { readonly tenant: string } | "everything" | "unknown";

const reading = new AsyncLocalStorage<Session>();
const sessions = new WeakMap<object, Session>();

/** Runs reads on connections that see the rows of the scope's tenant only. */
export const readWithin = <T>(scope: Scope, work: () => Promise<T>): Promise<T> =>
  reading.run("all" in scope ? "everything" : scope, work);

/**
 * Makes a connection that begins its turn see what its user may see, and no more. One statement where the connection served
 * another tenant before, none otherwise. If that fails, the connection must not be used in this turn; the next one tries again.
 */
export async function enterSession(
  connection: object,
  query: (text: string, parameters: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const wanted = reading.getStore() ?? "everything";
  if (isSame(sessions.get(connection) ?? "everything", wanted)) return;
  const [role, tenant] = typeof wanted === "string" ? ["none", ""] : [READER, plain(wanted.tenant)];
  sessions.set(connection, "unknown");
  await query(`select set_config('role', $1, false), set_config('${TENANT_SETTING}', $2, false)`, [role, tenant]);
  sessions.set(connection, wanted);
}

const isSame = (a: Session, b: Session): boolean =>
  typeof a === "string" || typeof b === "string" ? a === b : a.tenant === b.tenant;
