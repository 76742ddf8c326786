import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AuditPrincipalSchema } from "@polyreel/contract";
import type { Principal } from "../call/call.js";

type Described = MessageInitShape<typeof AuditPrincipalSchema>;

/** Who it is, as the audit log names it. A kind without a case does not compile. */
export function describePrincipal(principal: Principal): Described {
  switch (principal.kind) {
    case "key":
      return { kind: "key", id: principal.key.id, name: principal.key.name };
    case "user":
      return { kind: "user", id: principal.user.id, name: principal.user.name };
    case "local":
    case "setup":
    case "anyone":
    case "link":
      return { kind: principal.kind };
  }
}
