/** Permissions of a user of nats-server: subjects, with wildcards. What is not allowed is refused. */
export interface Permissions {
  readonly publish: { readonly allow: readonly string[]; readonly deny?: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
}

/** Where answers for a user arrive. Only it may subscribe there. */
export const inboxOf = (user: string): string => `_INBOX_${user}.>`;
