import {
  AccessService,
  AuditService,
  DestinationService,
  Role,
  UsageService,
  UserService,
  VoiceService,
} from "@polyreel/contract";
import { clientOf } from "../api/clients.js";
import { shown } from "../ui/number.js";
import { Time } from "../ui/time.js";
import { ListPage } from "./list-page.js";

// What a server has, for those who may see it: others read why not.

const voices = clientOf(VoiceService);
const destinations = clientOf(DestinationService);
const usage = clientOf(UsageService);
const access = clientOf(AccessService);
const users = clientOf(UserService);
const audit = clientOf(AuditService);

const ROLES: Readonly<Record<Role, string>> = {
  [Role.UNSPECIFIED]: "unknown",
  [Role.VIEWER]: "viewer",
  [Role.EDITOR]: "editor",
  [Role.ADMIN]: "admin",
  [Role.OPERATOR]: "operator",
};

export const VoicesPage = () => (
  <ListPage
    title="Voices"
    none="No speech service has a voice."
    read={async (signal) => (await voices.listVoices({}, { signal })).voices}
    keyOf={({ engine, name }) => `${engine}/${name}`}
    columns={[
      { name: "Name", value: ({ name }) => name },
      { name: "Engine", value: ({ engine }) => engine },
      { name: "Language", value: ({ language }) => language },
      { name: "Gender", value: ({ gender }) => gender },
      {
        name: "Sample",
        value: ({ sampleUrl }) =>
          sampleUrl ? (
            <a href={sampleUrl} rel="noreferrer">
              Listen
            </a>
          ) : null,
      },
    ]}
  />
);

export const DestinationsPage = () => (
  <ListPage
    title="Destinations"
    none="None is configured: videos go to the server's folder. POLYREEL_DESTINATIONS names a file with more."
    read={async (signal) => (await destinations.listDestinations({}, { signal })).destinations}
    keyOf={({ name }) => name}
    columns={[
      { name: "Name", value: ({ name }) => name },
      { name: "Type", value: ({ type }) => type },
      { name: "Address", value: ({ address }) => address },
      {
        name: "State",
        value: ({ reachable, failure }) =>
          reachable ? "reachable" : <span class="some-failed">{`${failure?.reason} ${failure?.remedy}`}</span>,
      },
    ]}
  />
);

export const UsagePage = () => (
  <ListPage
    title="Usage this month"
    none="Nothing was used yet."
    read={async (signal) => (await usage.getUsage({}, { signal })).usage}
    keyOf={({ tenant }) => tenant}
    columns={[
      { name: "Tenant", value: ({ tenant }) => tenant },
      { name: "Batches", isNumber: true, value: ({ batches }) => shown(batches) },
      { name: "Delivered", isNumber: true, value: ({ combinationsDelivered }) => shown(combinationsDelivered) },
      { name: "Failed", isNumber: true, value: ({ combinationsFailed }) => shown(combinationsFailed) },
      { name: "Bytes delivered", isNumber: true, value: ({ deliveredBytes }) => shown(deliveredBytes) },
      { name: "Bytes stored", isNumber: true, value: ({ storedBytes }) => shown(storedBytes ?? 0n) },
      { name: "Encode seconds", isNumber: true, value: ({ encodeSeconds }) => shown(Math.round(encodeSeconds)) },
    ]}
  />
);

export const KeysPage = () => (
  <ListPage
    title="Keys"
    none={
      <>
        There is none. <code>polyreel keys create</code> makes one.
      </>
    }
    read={async (signal) => (await access.listKeys({}, { signal })).keys}
    keyOf={({ id }) => id}
    columns={[
      { name: "Name", value: ({ name, id }) => name || id },
      { name: "Role", value: ({ role }) => ROLES[role] },
      { name: "Tenant", value: ({ tenant }) => tenant || "all" },
      { name: "Made", value: ({ createdAt }) => <Time at={createdAt} /> },
      { name: "Last used", value: ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} /> : "never") },
      {
        name: "Ends",
        value: ({ revokedAt, expiresAt }) =>
          revokedAt ? <span class="some-failed">revoked</span> : expiresAt ? <Time at={expiresAt} /> : "never",
      },
    ]}
  />
);

export const UsersPage = () => (
  <ListPage
    title="Users"
    none={
      <>
        There is none. <code>polyreel users create</code> invites one.
      </>
    }
    read={async (signal) => (await users.listUsers({}, { signal })).users}
    keyOf={({ id }) => id}
    columns={[
      { name: "Email address", value: ({ email }) => email },
      { name: "Name", value: ({ name }) => name },
      { name: "Role", value: ({ role }) => ROLES[role] },
      { name: "Tenant", value: ({ tenant }) => tenant || "all" },
      {
        name: "State",
        value: ({ active, hasPassword }) => (active ? (hasPassword ? "active" : "invited") : "inactive"),
      },
    ]}
  />
);

export const AuditPage = () => (
  <ListPage
    title="Audit log"
    none="Nothing was changed or refused yet."
    read={async (signal) => (await audit.listAuditLog({ pageSize: 200 }, { signal })).entries}
    keyOf={({ id }) => id}
    columns={[
      { name: "Time", value: ({ time }) => <Time at={time} /> },
      { name: "Who", value: ({ principal }) => principal?.name || principal?.kind },
      { name: "What", value: ({ action }) => action },
      { name: "Object", value: ({ object }) => object && `${object.kind} ${object.id}` },
      {
        name: "Outcome",
        value: ({ outcome, reason }) =>
          outcome === "ok" ? outcome : <span class="some-failed">{`${outcome}: ${reason}`}</span>,
      },
      { name: "From", value: ({ address }) => address },
    ]}
  />
);
