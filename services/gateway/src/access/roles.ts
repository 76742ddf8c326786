import { Role } from "@polyreel/contract";

/** Least role that a call or route needs; "anyone": also callers who do not say who they are. */
export type Needed = "anyone" | "viewer" | "editor" | "admin" | "operator";

const LEAST: Record<Exclude<Needed, "anyone">, Role> = {
  viewer: Role.VIEWER,
  editor: Role.EDITOR,
  admin: Role.ADMIN,
  operator: Role.OPERATOR,
};

/** Whether a role suffices. Each may do what those before it may. */
export const suffices = (role: Role, needed: Needed): boolean => needed === "anyone" || role >= LEAST[needed];

/** Name of a role: "editor". */
export const roleName = (role: Role): string => (Role[role] ?? "unspecified").toLowerCase();
