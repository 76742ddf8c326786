import { AccessService, UserService } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Principal } from "../call/call.js";
import { rightsOf } from "./callers.js";
import { type Needed, roleName, suffices } from "./roles.js";

/**
 * Throws PolyreelError `unauthenticated` if the caller is unknown, `denied` if its role does not suffice. A link permits
 * its one method at its one path, which were compared before; the token of the set-up permits the calls about keys and
 * users, which `service` tells.
 */
export function assertPermitted(principal: Principal, needed: Needed, service = ""): void {
  if (needed === "anyone" || principal.kind === "link") return;
  if (principal.kind === "anyone") throw noKey();
  if (principal.kind === "setup" && !SETUP_SERVICES.includes(service)) throw onlyForKeys();
  const { role } = rightsOf(principal);
  if (suffices(role, needed)) return;
  throw new PolyreelError("denied", {
    reason: `This needs the role ${needed}, and the caller has ${roleName(role)}.`,
    remedy: "Ask an administrator of your tenant for that role, or for a key with it.",
  });
}

const SETUP_SERVICES: readonly string[] = [AccessService.typeName, UserService.typeName];

const onlyForKeys = (): PolyreelError =>
  new PolyreelError("denied", {
    reason: "This token is for making the first key or user, and for nothing else.",
    remedy: "Make a key: polyreel keys create admin --role operator. Then use that.",
  });

const noKey = (): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: "The gateway wants to know who is calling, and the request has no key and no token.",
    remedy:
      'Send it as "Authorization: Bearer ...". The command line takes a key from POLYREEL_KEY, or sign in: polyreel login.',
  });
