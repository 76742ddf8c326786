import type { Role } from "@polyreel/contract";

export type GrantedRole = Exclude<Role, Role.UNSPECIFIED>;

/** What a provider's claims give a person: the same for everybody, or by the values of a claim. */
export type Rule<T> =
  | { readonly fixed: T }
  | {
      /** Name of a claim, or path to one: `realm_access.roles`. */
      readonly claim: string;
      /** By values of the claim; undefined: a value stands for itself. */
      readonly values: ReadonlyMap<string, T> | undefined;
    };
