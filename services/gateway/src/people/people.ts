import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { SessionRecord, UserRecord } from "@polyreel/contract";
import type { SignedInUser } from "../call/call.js";
import type { Person } from "./kept-sessions.js";
import type { KeptUsers } from "./kept-users.js";

/** A user of this installation, as a session keeps them. Undefined for one who may not sign in. */
export function personOf(record: UserRecord | undefined): Person | undefined {
  if (!record?.user?.active || !record.passwordHash) return undefined;
  const { id, email, role, tenant } = record.user;
  return { id, email, role, tenant, provider: "", generation: record.generation };
}

/** Whose session it is, as their role is now; undefined if they may no longer use it. */
export async function holderOf(
  record: SessionRecord,
  users: Pick<KeptUsers, "known">,
): Promise<SignedInUser | undefined> {
  const { session, provider } = record;
  return holder(record, session && provider === "" ? await users.known(session.userId) : undefined);
}

/** The same, by a user's record; none is needed for a provider's person. */
export function holder(
  { session, provider, generation }: SessionRecord,
  user: UserRecord | undefined,
): SignedInUser | undefined {
  if (!session?.expiresAt) return undefined;
  const lasting = { session: session.id, expiresAtMs: timestampMs(session.expiresAt) };
  if (provider !== "") {
    const { userId, email, role, tenant } = session;
    return { id: userId, name: email, role, tenant, ...lasting };
  }
  const person = personOf(user);
  if (person?.generation !== generation) return undefined;
  return { id: person.id, name: person.email, role: person.role, tenant: person.tenant, ...lasting };
}
