import { jobsRoot } from "@polyreel/contract";
import { inboxOf, type Permissions } from "./permissions.js";

const API = "$JS.API";

/** Looks at streams, consumers, messages and facts, and changes nothing. */
export const observerPermissions = (user: string): Permissions => ({
  publish: {
    allow: [
      `${API}.INFO`,
      ...["STREAM.NAMES", "STREAM.LIST", "STREAM.INFO.*", "STREAM.MSG.GET.*"].map((call) => `${API}.${call}`),
      ...["CONSUMER.NAMES.*", "CONSUMER.LIST.*", "CONSUMER.INFO.*.*"].map((call) => `${API}.${call}`),
      `${API}.DIRECT.GET.>`,
    ],
  },
  subscribe: { allow: [inboxOf(user), "polyreel.>", "polyreel-progress.*", `${jobsRoot()}.>`, "$JS.EVENT.>"] },
});

/** Everything within the account of Polyreel: reading with consumers of its own, repairs, backups. */
export const adminPermissions: Permissions = { publish: { allow: [">"] }, subscribe: { allow: [">"] } };

/** Publishes a tenant's jobs, and hears of them. `undefined`: the default tenant. */
export const jobsPermissions = (user: string, tenant: string | undefined): Permissions => ({
  publish: { allow: [`${jobsRoot(tenant)}.submit`] },
  subscribe: { allow: [inboxOf(user), `${jobsRoot(tenant)}.progress.*`] },
});
