import { AccessService } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Principal } from "../call/call.js";
import { rightsOf } from "./callers.js";
import { type Needed, roleName, suffices } from "./roles.js";

/**
 * Throws PolyreelError `unauthenticated` if the caller is unknown, `denied` if its role does not suffice. A link permits
 * its one method at its one path, which were compared before; the token of the set-up permits the calls about keys, which
 * `service` tells.
 */
export function assertPermitted(principal: Principal, needed: Needed, service = ""): void {
  if (needed === "anyone" || principal.kind === "link") return;
  if (principal.kind === "anyone") throw noKey();
  if (principal.kind === "setup" && service !== AccessService.typeName) throw onlyForKeys();
  const { role } = rightsOf(principal);
  if (suffices(role, needed)) return;
  throw new PolyreelError("denied", {
    reason: `This needs the role ${needed}, and the key has ${roleName(role)}.`,
    remedy: "Ask an administrator of your tenant for a key with that role.",
  });
}

const onlyForKeys = (): PolyreelError =>
  new PolyreelError("denied", {
    reason: "This token is for making the first key, and for nothing else.",
    remedy: "Make a key: polyreel keys create admin --role operator. Then use that.",
  });

const noKey = (): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: "The gateway wants to know who is calling, and the request has no key.",
    remedy: 'Send it as "Authorization: Bearer pr_...". The command line takes it from POLYREEL_KEY.',
  });
